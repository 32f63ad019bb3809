//! Child processes and their ledger.

use harness::prelude::*;

fn plain_consumer(broker: &Broker, group: &str, topic: &str) -> Process {
    Process::program(env!("CARGO_BIN_EXE_plain-consumer"))
        .argument(broker.bootstrap())
        .argument(group)
        .argument(topic)
        .start()
}

both_brokers! {
    async fn what_a_killed_process_handled_is_known_and_the_next_one_goes_on(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        let sent = broker
            .produce_many((0..200).map(|n| Record::to(&topic).partition(n % 2).payload(n.to_string())))
            .await;

        let mut first = plain_consumer(broker, &group, &topic);
        first.wait_for_handled(20).await;
        first.kill_9().await;
        assert!(!first.is_running());
        let mut second = plain_consumer(broker, &group, &topic);
        wait_until("both have handled everything", async || {
            let ledger = Ledger::of([&first, &second]);
            ledger.times().len() == sent.len()
        })
        .await;
        second.terminate();

        assert_eq!(second.wait_exit().await, Ended::Signal(15));
        let ledger = Ledger::of([&first, &second]);
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
        ledger.assert_order_per_partition();
        // It commits each record after it printed it: at most the last one comes twice.
        assert!(ledger.duplicates().len() <= 1, "{:?}", ledger.duplicates());
    }
}

embedded_broker! {
    async fn a_frozen_process_handles_nothing_until_it_goes_on(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 1).await;
        let mut process = plain_consumer(broker, &group, &topic);
        broker.produce(Record::to(&topic).payload("before")).await;
        process.wait_for_handled(1).await;

        process.suspend();
        broker.produce(Record::to(&topic).payload("meanwhile")).await;
        assert!(process.is_running());
        assert_eq!(process.handled().len(), 1);

        process.resume();
        process.wait_for_handled(2).await;
    }
}

#[test]
fn exit_code_and_both_streams_are_captured() {
    harness::run_without_broker(30, async || {
        let mut process = Process::program("/bin/sh").argument("-c").argument("echo out; echo err >&2; exit 3").start();
        assert_eq!(process.wait_exit().await, Ended::Code(3));
        assert_eq!(process.standard_output(), ["out"]);
        assert_eq!(process.error_output(), ["err"]);
    });
}

#[test]
fn a_line_is_waited_for_and_returned_whole() {
    harness::run_without_broker(30, async || {
        let mut process = Process::program("/bin/sh")
            .argument("-c")
            .argument("echo now ready at $PLACE; exec sleep 60")
            .environment("PLACE", "noon")
            .start();
        assert_eq!(process.wait_for_line("ready").await, "now ready at noon");
        assert!(process.is_running());
        assert!(process.resident_bytes() > 10_000);
    });
}

#[test]
#[should_panic(expected = "ended with Code(0) and never wrote `ready`")]
fn a_process_that_ends_without_the_line_is_not_waited_for() {
    harness::run_without_broker(30, async || {
        let mut process = Process::program("/bin/sh").argument("-c").argument("echo no").start();
        process.wait_for_line("ready").await;
    });
}

#[test]
fn a_dropped_process_is_gone() {
    harness::run_without_broker(30, async || {
        let process = Process::program("/bin/sh").argument("-c").argument("exec sleep 60").start();
        let id = process.id();
        drop(process);
        let still_there =
            Process::program("/bin/sh").argument("-c").argument(format!("kill -0 {id}")).start().wait_exit().await;
        assert_ne!(still_there, Ended::Code(0));
    });
}
