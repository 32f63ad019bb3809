//! Idempotent handling across a process that is killed, with a real Redis.

use harness::prelude::*;

fn worker(broker: &Broker, topic: &str, group: &str, url: &str, patience: &str) -> Process {
    let arguments = [broker.bootstrap(), topic, group, url, patience];
    let program = Process::program(env!("CARGO_BIN_EXE_idempotent-worker"));
    arguments.into_iter().fold(program, harness::Program::argument).start()
}

async fn begin(broker: &Broker, payloads: &[&str]) -> (String, String) {
    let (topic, group) = (unique("topic"), unique("group"));
    broker.create_topic(&topic, 1).await;
    let records = payloads.iter().map(|id| Record::to(&topic).partition(0).payload(format!("{{\"id\":\"{id}\"}}")));
    broker.produce_many(records).await;
    (topic, group)
}

fn lines(process: &Process, what: &str) -> Vec<String> {
    process.standard_output().into_iter().filter(|line| line.starts_with(what)).collect()
}

real_broker! {
    /// Killed after its claim and before its effect: the message waits for the lease to end and is handled.
    async fn a_crash_while_handling_does_not_swallow_the_message(broker: &Broker) {
        let Some(url) = redis_url() else { return };
        let (topic, group) = begin(broker, &["a", "hangs"]).await;
        let mut first = worker(broker, &topic, &group, &url, "");
        first.wait_for_line("begins hangs").await;
        first.kill_9().await;
        let mut second = worker(broker, &topic, &group, &url, "patient");
        second.wait_for_line("handled hangs").await;
        second.terminate();
        second.wait_exit().await;
        // What was handled before the crash may be delivered again, and is not handled again.
        assert_eq!(lines(&first, "handled"), ["handled a"]);
        assert_eq!(lines(&second, "handled"), ["handled hangs"]);
    }

    /// Killed after its effect and before the key was done: the message is handled again, as the documentation says.
    async fn a_crash_between_effect_and_done_repeats_the_message(broker: &Broker) {
        let Some(url) = redis_url() else { return };
        let (topic, group) = begin(broker, &["lingers"]).await;
        let mut first = worker(broker, &topic, &group, &url, "");
        first.wait_for_line("handled lingers").await;
        first.kill_9().await;
        let mut second = worker(broker, &topic, &group, &url, "patient");
        second.wait_for_line("handled lingers").await;
        second.terminate();
        second.wait_exit().await;
    }

    /// Killed after keys were done: what comes again, also as a copy, is not handled again.
    async fn what_was_done_before_a_crash_is_not_handled_again(broker: &Broker) {
        let Some(url) = redis_url() else { return };
        let (topic, group) = begin(broker, &["a", "b", "hangs"]).await;
        let mut first = worker(broker, &topic, &group, &url, "");
        first.wait_for_line("begins hangs").await;
        first.kill_9().await;
        let copies = ["a", "b", "c"].map(|id| Record::to(&topic).partition(0).payload(format!("{{\"id\":\"{id}\"}}")));
        broker.produce_many(copies).await;
        let mut second = worker(broker, &topic, &group, &url, "patient");
        second.wait_for_line("handled c").await;
        second.terminate();
        second.wait_exit().await;
        assert_eq!(lines(&second, "handled"), ["handled hangs", "handled c"]);
    }
}
