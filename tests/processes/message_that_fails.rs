//! One message of 300 that can never be handled, with nothing configured about it.

use harness::prelude::*;

use crate::load::produce;
use crate::worker::{Worker, report};

const PAUSED: &str = "failed for good: the partition is paused for this listener";

/// Message 100 of partition 0 fails in the way of the knob. Others must go on, the partition must be held and say so,
/// and nothing may be lost once the fault is gone.
async fn holds_its_partition(broker: &Broker, knob: &str, reason: &str) {
    let topic = unique("orders");
    broker.create_topic(&topic, 2).await;
    let mut sent = produce(broker, &topic, 0, 300).await;
    sent.extend(produce(broker, &topic, 1, 90).await);
    // Only the wait before a retry is shortened; how often it is tried is the default.
    let worker = Worker::of(broker, &topic).knob(knob, "0@100").set("kafka.listener_defaults.backoff = '10ms'");
    let mut first = worker.start();
    let line = first.wait_for_line(PAUSED).await;
    assert!(line.contains("ERROR") && line.contains("Worker.on_message"), "{line}");
    assert!(line.contains("offset=100") && line.contains("attempts=6") && line.contains(reason), "{line}");
    sent.extend(produce(broker, &topic, 1, 90).await);
    first.wait_for_handled(100 + 180).await;
    first.terminate();
    assert_eq!(first.wait_exit().await, Ended::Code(0));
    let after: Vec<_> = first.handled().into_iter().filter(|at| at.partition == 0 && at.offset >= 100).collect();
    assert_eq!(after, [], "what follows message 100 waits for it");
    let committed = broker.committed(worker.group(), &topic).await;
    assert_eq!((committed[&0].offset, committed[&1].offset), (100, 180));

    let worker = worker.without(knob);
    let mut second = worker.start();
    second.wait_for_handled(200).await;
    second.terminate();
    assert_eq!(second.wait_exit().await, Ended::Code(0));
    let ledger = Ledger::of([&first, &second]);
    ledger.assert_every_message_handled(&sent);
    ledger.assert_order_per_partition();
    assert_eq!(ledger.duplicates().len(), 0);
}

both_brokers! {
    async fn a_handler_that_always_fails_on_one_message_loses_nothing_and_holds_only_its_partition(broker: &Broker) {
        holds_its_partition(broker, "fail_at", "told to fail").await;
    }

    async fn a_handler_that_always_panics_on_one_message_loses_nothing_and_holds_only_its_partition(broker: &Broker) {
        holds_its_partition(broker, "panic_at", "told to panic").await;
    }

    async fn a_payload_that_is_no_json_is_held_without_retries_and_never_logged(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 2).await;
        let order = |partition| Record::to(&topic).partition(partition).payload("{\"cents\": 5}");
        let mut sent = broker.produce_many((0..100).map(|_| order(0))).await;
        broker.produce(Record::to(&topic).partition(0).payload("{\"cents\": hunter2")).await;
        let later = broker.produce_many((0..199).map(|_| order(0))).await;
        sent.extend(broker.produce_many((0..90).map(|_| order(1))).await);
        let worker = Worker::of(broker, &topic).listener("on_order");
        let mut first = worker.start();
        let line = first.wait_for_line(PAUSED).await;
        assert!(line.contains("offset=100") && line.contains("attempts=1"), "{line}");
        first.wait_for_handled(190).await;
        first.terminate();
        assert_eq!(first.wait_exit().await, Ended::Code(0));
        assert_eq!(broker.committed(worker.group(), &topic).await[&0].offset, 100);
        let log = report(&first);
        assert!(!log.contains("hunter2"), "{log}");

        let skipping = format!("kafka.listeners.\"Worker.on_order\".skip_offsets = ['{topic}/0@100']");
        let worker = worker.set(&skipping);
        let mut second = worker.start();
        second.wait_for_handled(199).await;
        second.terminate();
        assert_eq!(second.wait_exit().await, Ended::Code(0));
        sent.extend(later);
        let ledger = Ledger::of([&first, &second]);
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
        assert_eq!(ledger.duplicates().len(), 0);
    }
}
