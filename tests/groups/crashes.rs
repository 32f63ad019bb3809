//! Processes that are killed and start again at once.

use harness::prelude::*;

use crate::load::{produce_to_each, under_load};
use crate::member::process;

const EARLIEST: &str = "kafka.listener_defaults.start=\"earliest\"";

async fn killed_under_load(broker: &Broker, protocol: &str) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, 4).await;
    let start = || {
        let program = process(broker, &group, &topic, "handle").argument("--set").argument(EARLIEST);
        program.argument("--set").argument(format!("kafka.group_protocol={protocol:?}")).start()
    };

    let (sent, mut processes) = under_load(broker, &topic, 4, async {
        let mut processes = Vec::new();
        for _ in 0..3 {
            let mut process = start();
            process.wait_for_handled(50).await;
            process.kill_9().await;
            processes.push(process);
        }
        processes.push(start());
        processes
    })
    .await;
    wait_until("everything was handled", async || Ledger::of(&processes).times().len() >= sent.len()).await;
    let last = processes.last_mut().unwrap();
    last.terminate();
    assert_eq!(last.wait_exit().await, Ended::Code(0));

    let ledger = Ledger::of(&processes);
    ledger.assert_every_message_handled(&sent);
    ledger.assert_nothing_else_handled(&sent);
    ledger.assert_order_per_partition();
}

real_broker! {
    within(240)
    async fn every_message_is_handled_although_the_process_is_killed_again_and_again(broker: &Broker) {
        killed_under_load(broker, "cooperative").await;
    }

    within(240)
    async fn every_message_is_handled_although_a_process_of_the_consumer_protocol_is_killed_again_and_again(broker: &Broker) {
        killed_under_load(broker, "consumer").await;
    }

    async fn a_process_that_starts_at_the_end_and_is_killed_before_it_settles_anything_loses_nothing(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        let history = produce_to_each(broker, &topic, 2, 5).await;
        let mut first = process(broker, &group, &topic, "hold").start();
        first.wait_for_line("ready").await;
        let mut sent = produce_to_each(broker, &topic, 2, 5).await;
        first.wait_for_line("holding").await;
        first.kill_9().await;
        sent.extend(produce_to_each(broker, &topic, 2, 5).await);

        let mut second = process(broker, &group, &topic, "handle").start();
        second.wait_for_handled(sent.len()).await;
        second.terminate();

        assert_eq!(second.wait_exit().await, Ended::Code(0));
        let ledger = Ledger::of([&second]);
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
        assert!(!history.is_empty());
    }

    async fn a_process_that_starts_at_the_end_and_is_killed_before_any_message_came_loses_nothing(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        produce_to_each(broker, &topic, 2, 5).await;
        let mut first = process(broker, &group, &topic, "handle").start();
        first.wait_for_line("ready").await;
        first.kill_9().await;
        let sent = produce_to_each(broker, &topic, 2, 5).await;

        let mut second = process(broker, &group, &topic, "handle").start();
        second.wait_for_handled(sent.len()).await;

        let ledger = Ledger::of([&second]);
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
    }
}
