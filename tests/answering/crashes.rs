//! A request that kills the process that handles it.

use harness::prelude::*;

use crate::scene::{NEST_ERROR, error_of, header};

/// Three deaths until the messages near the position are guarded, three with the request alone in hand.
const DEATHS: usize = 6;

real_broker! {
    /// Given up at last, it is answered; what came with it is answered as ever.
    within(300) async fn a_request_that_kills_the_process_again_and_again_is_answered_with_an_error(broker: &Broker) {
        let (topic, group) = (unique("sums"), unique("math"));
        let replies = format!("{topic}.reply");
        broker.create_topic(&topic, 1).await;
        broker.create_topic(&replies, 1).await;
        for payload in ["before", "deadly", "behind"] {
            let request = Record::to(&topic).partition(0).payload(payload).header("kafka_correlationId", payload);
            broker.produce(request.header("kafka_replyTopic", &*replies).header("kafka_replyPartition", "0")).await;
        }
        let mut deaths = 0;
        loop {
            let program = Process::program(env!("CARGO_BIN_EXE_clerk")).environment("CLERK_ABORTS_AT", "deadly");
            let mut process = program.argument(broker.bootstrap()).argument(&topic).argument(&group).start();
            let died = wait_until("the process dies, or everything is settled", async || {
                if !process.is_running() {
                    return Some(true);
                }
                let settled = broker.committed(&group, &topic).await.get(&0).is_some_and(|committed| committed.offset == 3);
                settled.then_some(false)
            })
            .await;
            if !died {
                process.terminate();
                assert_eq!(process.wait_exit().await, Ended::Code(0));
                assert!(!process.lines().iter().any(|line| line == "handled deadly"), "it is not handled any more");
                break;
            }
            deaths += 1;
            assert!(deaths <= DEATHS, "it dies on and on");
        }
        assert_eq!(deaths, DEATHS);
        let records = broker.read_all(&replies).await;
        let of = |id: &str| records.iter().filter(|record| header(record, "kafka_correlationId") == id).collect::<Vec<_>>();
        let (before, deadly, behind) = (of("before"), of("deadly"), of("behind"));
        // What was answered and not committed yet when the process died is answered again.
        assert!(!before.is_empty() && before.iter().all(|record| record.text() == "BEFORE"));
        assert_eq!((behind.len(), behind[0].text()), (1, "BEHIND"));
        assert_eq!(deadly.len(), 1);
        assert!(deadly[0].payload.is_none() && deadly[0].headers.iter().any(|(name, _)| name == NEST_ERROR));
        let (status, message, kind) = error_of(deadly[0]);
        assert_eq!((&*status, &*kind), ("error", "crash"));
        assert!(message.contains("died 3 times"), "{message}");
    }
}
