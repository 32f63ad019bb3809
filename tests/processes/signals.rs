//! What a process does with signals: it drains, commits, and tells by its exit code whether it was let.

use harness::prelude::*;

use crate::load::produce;
use crate::worker::{Worker, report};

const STOPPING: &str = "stopping after a signal";

/// Message 100 of 300 is at work when the signal comes, and ends its work afterwards. The process that follows
/// must find everything else, and nothing twice.
async fn drains_and_commits(broker: &Broker, configure: fn(Worker) -> Worker, signal: fn(&mut Process)) {
    let (topic, sent) = topic_of(broker, 300).await;
    let worker = configure(Worker::of(broker, &topic).working_at("0@100"));
    let mut first = worker.start();
    first.wait_for_line("working").await;

    signal(&mut first);
    // Said when the lanes have been told: released earlier, the handler could go on with the next message.
    first.wait_for_line("draining").await;
    assert!(first.is_running());
    worker.release();

    assert_eq!(first.wait_exit().await, Ended::Code(0));
    let handled = first.handled();
    assert_eq!(handled.len(), 101, "all up to message 100, and none after it");
    let committed = broker.committed(worker.group(), &topic).await;
    assert_eq!(committed[&0].offset, 101);

    let mut second = worker.start();
    second.wait_for_handled(199).await;
    second.terminate();
    assert_eq!(second.wait_exit().await, Ended::Code(0));
    let ledger = Ledger::of([&first, &second]);
    ledger.assert_every_message_handled(&sent);
    ledger.assert_nothing_else_handled(&sent);
    ledger.assert_order_per_partition();
    assert_eq!(ledger.duplicates().len(), 0);
}

/// A second signal while message 10 of 20 is at work; it comes again after the next start.
async fn cut_short(broker: &Broker, again: impl AsyncFn(&mut Process)) {
    let (topic, sent) = topic_of(broker, 20).await;
    let worker = Worker::of(broker, &topic).working_at("0@10");
    let mut first = worker.start();
    first.wait_for_line("working").await;
    first.terminate();
    first.wait_for_line(STOPPING).await;
    again(&mut first).await;

    assert_eq!(first.wait_exit().await, Ended::Code(3));
    let report = report(&first);
    assert!(report.contains("a second signal ended the application"), "{report}");

    worker.release();
    let mut second = worker.start();
    second.wait_for_handled(10).await;
    second.terminate();
    assert_eq!(second.wait_exit().await, Ended::Code(0));
    Ledger::of([&first, &second]).assert_every_message_handled(&sent);
}

async fn topic_of(broker: &Broker, messages: i32) -> (String, Vec<Delivered>) {
    let topic = unique("orders");
    broker.create_topic(&topic, 1).await;
    let sent = produce(broker, &topic, 0, messages).await;
    (topic, sent)
}

both_brokers! {
    async fn after_sigterm_the_running_message_is_handled_and_committed_and_nothing_comes_twice(broker: &Broker) {
        drains_and_commits(broker, |worker| worker, Process::terminate).await;
    }

    async fn sigint_drains_and_commits_like_sigterm(broker: &Broker) {
        drains_and_commits(broker, |worker| worker, Process::interrupt).await;
    }

    async fn another_signal_while_it_drains_ends_the_process_at_once_with_code_three(broker: &Broker) {
        cut_short(broker, async |process| process.interrupt()).await;
    }

    async fn the_same_signal_again_ends_the_process_at_once_with_code_three(broker: &Broker) {
        // One that follows at once may be the echo of the first.
        cut_short(broker, async |process| {
            wait_until("the process has ended", async || {
                process.terminate();
                !process.is_running()
            })
            .await;
        })
        .await;
    }

    async fn a_handler_that_outlasts_the_drain_ends_the_process_with_code_three_and_its_message_comes_again(broker: &Broker) {
        let (topic, sent) = topic_of(broker, 20).await;
        let worker = Worker::of(broker, &topic).working_at("0@10").set("kafka.drain_timeout = '200ms'");
        let mut first = worker.start();
        first.wait_for_line("working").await;
        first.terminate();

        assert_eq!(first.wait_exit().await, Ended::Code(3));
        let report = report(&first);
        assert!(report.contains("drain_timeout = 200ms"), "{report}");
        assert!(report.contains("the handler had not ended by the deadline"), "{report}");
        assert_eq!(broker.committed(worker.group(), &topic).await[&0].offset, 10);

        worker.release();
        let mut second = worker.start();
        second.wait_for_handled(10).await;
        second.terminate();
        assert_eq!(second.wait_exit().await, Ended::Code(0));
        let ledger = Ledger::of([&first, &second]);
        ledger.assert_every_message_handled(&sent);
        assert_eq!(ledger.duplicates().len(), 0);
    }

    async fn a_listener_that_commits_by_hand_drains_as_well(broker: &Broker) {
        drains_and_commits(broker, |worker| worker.listener("by_hand"), Process::terminate).await;
    }
}
