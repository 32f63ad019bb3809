//! Handlers that block their threads for longer than `max.poll.interval.ms`.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use harness::prelude::*;

use crate::load::produce_to_each;
use crate::member::Member;
use crate::witness::lock;

real_broker! {
    within(240)
    async fn handlers_that_block_every_thread_beyond_the_poll_interval_keep_their_partitions_and_commit(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        produce_to_each(broker, &topic, 2, 5).await;
        let answers = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&answers);
        let member = Member::of(broker, &group)
            .topics([&topic])
            .start_at("earliest")
            .property("max.poll.interval.ms", "10000")
            .behaviour(move |ctx| {
                let told = Arc::clone(&told);
                Box::pin(async move {
                    if ctx.offset() == 0 {
                        thread::sleep(Duration::from_secs(30));
                    }
                    let answer = ctx.commit().await.map(|receipt| receipt.position);
                    lock(&told).push((ctx.offset(), answer));
                    Ok(())
                })
            })
            .start()
            .await;

        member.wait_for_handled(10).await;

        let answers = lock(&answers).clone();
        for (offset, answer) in answers {
            assert_eq!(answer, Ok(offset + 1));
        }
        assert_eq!(member.revocations(), 0, "{:?}", member.events());
        // The broker knows the same member still.
        assert_eq!(broker.group_state(&group).await, "Stable");
        member.stop().await;
        let committed = broker.committed(&group, &topic).await;
        assert!(committed.values().all(|position| position.offset == 5), "{committed:?}");
    }
}
