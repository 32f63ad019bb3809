//! Members join and leave while messages arrive: nothing is lost, no partition has two handlers at once, its order holds
//! from one member to the next.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use harness::prelude::*;

use crate::load::under_load;
use crate::member::{Member, MemberBuilder, process};
use crate::witness::Witness;

const PARTITIONS: i32 = 8;
const WORK: Duration = Duration::from_millis(8);

async fn join_and_leave(broker: &Broker, protocol: &str) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, PARTITIONS).await;
    let witness = Arc::new(Witness::default());
    let member = || -> MemberBuilder {
        Member::of(broker, &group)
            .topics([&topic])
            .start_at("earliest")
            .protocol(protocol)
            .seen_by(&witness)
            // So long that every change finds handlers at work.
            .behaviour(|_| {
                Box::pin(async {
                    tokio::time::sleep(WORK).await;
                    Ok(())
                })
            })
    };

    let (sent, last) = under_load(broker, &topic, PARTITIONS, async {
        let first = member().ready().await;
        first.wait_for_handled(100).await;
        let second = member().start().await;
        second.wait_for_handled(100).await;
        let third = member().start().await;
        third.wait_for_handled(100).await;
        first.wait_for_more(100).await;
        first.stop().await;
        second.wait_for_more(100).await;
        third.wait_for_more(100).await;
        // Two changes at once.
        let fourth = member().start().await;
        second.stop().await;
        fourth.wait_for_handled(100).await;
        third.wait_for_more(100).await;
        third.stop().await;
        fourth.wait_for_partitions(8).await;
        fourth
    })
    .await;
    wait_until("everything was handled", async || witness.ledger().times().len() >= sent.len()).await;
    last.stop().await;

    let ledger = witness.ledger();
    ledger.assert_every_message_handled(&sent);
    ledger.assert_nothing_else_handled(&sent);
    ledger.assert_order_per_partition();
    witness.assert_no_overlap();
    // Whoever goes says first how far it has come.
    assert!(ledger.duplicates().is_empty(), "{:?}", ledger.duplicates());
    assert_everything_committed(broker, &group, &topic, &sent).await;
}

async fn assert_everything_committed(broker: &Broker, group: &str, topic: &str, sent: &[Delivered]) {
    let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
    for delivered in sent {
        let end = ends.entry(delivered.partition).or_default();
        *end = (*end).max(delivered.offset + 1);
    }
    let committed = broker.committed(group, topic).await;
    let committed: BTreeMap<i32, i64> =
        committed.into_iter().map(|(partition, committed)| (partition, committed.offset)).collect();
    assert_eq!(committed, ends);
}

real_broker! {
    within(240)
    async fn members_of_the_eager_protocol_come_and_go_under_load_and_nothing_is_lost(broker: &Broker) {
        join_and_leave(broker, "eager").await;
    }

    within(240)
    async fn members_of_the_cooperative_protocol_come_and_go_under_load_and_nothing_is_lost(broker: &Broker) {
        join_and_leave(broker, "cooperative").await;
    }

    within(240)
    async fn members_of_the_consumer_protocol_come_and_go_under_load_and_nothing_is_lost(broker: &Broker) {
        join_and_leave(broker, "consumer").await;
    }

    within(240)
    async fn processes_come_and_go_and_are_killed_under_load_and_nothing_is_lost(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, PARTITIONS).await;
        let start = || {
            process(broker, &group, &topic, "handle")
                .argument("--set")
                .argument("kafka.listener_defaults.start=\"earliest\"")
                .start()
        };

        let (sent, mut processes) = under_load(broker, &topic, PARTITIONS, async {
            let mut first = start();
            first.wait_for_handled(100).await;
            let mut second = start();
            second.wait_for_handled(100).await;
            let mut third = start();
            third.wait_for_handled(100).await;
            first.terminate();
            assert_eq!(first.wait_exit().await, Ended::Code(0));
            let before = third.handled().len();
            third.wait_for_handled(before + 100).await;
            second.kill_9().await;
            let mut fourth = start();
            fourth.wait_for_handled(100).await;
            [first, second, third, fourth]
        })
        .await;
        wait_until("everything was handled", async || Ledger::of(&processes).times().len() >= sent.len()).await;
        for process in &mut processes[2..] {
            process.terminate();
            assert_eq!(process.wait_exit().await, Ended::Code(0));
        }

        let ledger = Ledger::of(&processes);
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
        ledger.assert_order_per_partition();
        assert_everything_committed(broker, &group, &topic, &sent).await;
    }
}
