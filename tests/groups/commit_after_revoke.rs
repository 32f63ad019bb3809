//! A handler that keeps its message beyond `revoke_timeout`: its commit comes too late and is never sent.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::{CommitErrorKind, Event};
use tokio::sync::Semaphore;

use crate::load::produce_to_each;
use crate::member::Member;
use crate::witness::lock;

async fn late_commit(broker: &Broker, protocol: &str) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, 2).await;
    produce_to_each(broker, &topic, 2, 10).await;
    let release = Arc::new(Semaphore::new(0));
    let answers = Arc::new(Mutex::new(Vec::new()));
    let (gate, told) = (Arc::clone(&release), Arc::clone(&answers));
    let slow = Member::of(broker, &group)
        .topics([&topic])
        .start_at("earliest")
        .protocol(protocol)
        .set("kafka.revoke_timeout", "200ms")
        .behaviour(move |ctx| {
            let (gate, told) = (Arc::clone(&gate), Arc::clone(&told));
            Box::pin(async move {
                drop(gate.acquire().await);
                let answer = ctx.commit().await;
                lock(&told).push((ctx.partition(), ctx.offset(), answer.map_err(|error| error.kind())));
                Ok(())
            })
        })
        .ready()
        .await;
    wait_until("a handler is at work on each partition", async || slow.witness.begun().len() == 2).await;

    let owner = Member::of(broker, &group).topics([&topic]).start_at("earliest").protocol(protocol).ready().await;
    owner.wait_for_handled(10).await;
    let taken = owner.handled()[0].partition;
    wait_until("the new owner has committed", async || {
        broker.committed(&group, &topic).await.get(&taken).is_some_and(|position| position.offset == 10)
    })
    .await;
    slow.wait_for_event("what it lost", |event| matches!(event, Event::Revoked { .. }).then_some(())).await;
    release.add_permits(1000);
    let late = wait_until("the late commit was answered", async || {
        lock(&answers).iter().find(|(partition, offset, _)| (*partition, *offset) == (taken, 0)).cloned()
    })
    .await;
    // What it keeps, it commits: had the late one been sent, it would have been sent by now.
    if protocol != "eager" {
        wait_until("what it kept is committed", async || {
            let positions = broker.committed(&group, &topic).await;
            positions.get(&(1 - taken)).is_some_and(|position| position.offset == 10)
        })
        .await;
    }
    slow.stop().await;

    assert!(matches!(late.2, Err(CommitErrorKind::Revoked)), "{late:?}");
    assert_eq!(broker.committed(&group, &topic).await[&taken].offset, 10);
    owner.stop().await;
    assert_eq!(broker.committed(&group, &topic).await[&taken].offset, 10);
}

real_broker! {
    async fn a_commit_after_a_cooperative_revoke_is_answered_revoked_and_never_sent(broker: &Broker) {
        late_commit(broker, "cooperative").await;
    }

    async fn a_commit_after_an_eager_revoke_is_answered_revoked_and_never_sent(broker: &Broker) {
        late_commit(broker, "eager").await;
    }

    async fn a_commit_after_a_revoke_by_the_broker_is_answered_revoked_and_never_sent(broker: &Broker) {
        late_commit(broker, "consumer").await;
    }
}
