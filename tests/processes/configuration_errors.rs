//! What is wrong with a configuration, said all at once before any broker is asked.

use harness::prelude::*;

use crate::worker::{Worker, report};

/// Each value is wrong in its own way.
const WRONG: &str = r#"[kafka]
client_idd = "shop"
start_timeout = "5 parsecs"

[kafka.properties]
"enable.auto.commit" = true
"no.such.property" = 1
"sasl.password" = ["hunter2"]

[kafka.listeners."Worker.on_mesage"]
retries = 1

[kafka.listeners."Worker.on_message"]
auto_commit = false
window = 0

[worker]
delay_ms = "soon"
fail_at = "x"

[wroker]
delay_ms = 1

[log]
level = "loud"
"#;

#[test]
fn every_mistake_is_told_at_once_with_its_place_its_rule_and_the_nearest_name() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("nowhere:9092")
            .topic("orders")
            .file("default.toml", WRONG)
            .variable("MILLSTREAM__KAFKA__LISTENER_DEFAULTS__CONCURENCY", "3")
            .set("kafka.grup_id = 'shop'");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        for expected in [
            &["kafka.client_idd", "default.toml:2:", "unknown key", "did you mean `client_id`?"][..],
            &["kafka.start_timeout", "\"5 parsecs\"", "default.toml:3:", "is not a unit of a duration"],
            &["kafka.properties.\"enable.auto.commit\"", "default.toml:6:", "second writer of positions"],
            &["kafka.properties.\"no.such.property\"", "default.toml:7:", "librdkafka has no such property"],
            &["kafka.listeners.\"Worker.on_mesage\"", "default.toml:10:", "did you mean `Worker.on_message`?"],
            &["\"Worker.on_message\".auto_commit", "default.toml:14:", "a contract with the method's code"],
            &["\"Worker.on_message\".window", "default.toml:15:", "expects a number from 1 to 1000000"],
            &["worker.delay_ms", "\"soon\"", "default.toml:18:", "expects an integer"],
            &["worker.fail_at", "\"x\"", "default.toml:19:", "expects PARTITION@OFFSET"],
            &["wroker", "default.toml:21:", "nothing in this application reads this table"],
            &["log.level", "\"loud\"", "default.toml:25:", "expects one of \"off\""],
            &["MILLSTREAM__KAFKA__LISTENER_DEFAULTS__CONCURENCY", "did you mean", "__CONCURRENCY`?"],
            &["kafka.grup_id", "--set kafka.grup_id", "unknown key"],
        ] {
            let mistakes: Vec<&str> = report.split("\n\n").filter(|mistake| mistake.contains(expected[0])).collect();
            let found = mistakes.iter().any(|mistake| expected.iter().all(|part| mistake.contains(part)));
            assert!(found, "{expected:?} is not one of the mistakes:\n{report}");
        }
        assert!(!report.contains("hunter2"), "{report}");
        assert!(!report.contains("cannot be reached"), "{report}");
    });
}

#[test]
fn the_broker_inside_the_process_must_be_allowed_outside_development_and_test() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("embedded").topic("orders").file("production.toml", "").argument("--check");
        let worker = worker.argument("--env").argument("production");
        let mut refused = worker.start();
        assert_eq!(refused.wait_exit().await, Ended::Code(2));
        assert!(report(&refused).contains("allow = true"), "{}", report(&refused));

        let worker = worker.set("kafka.embedded.allow = true");
        let mut allowed = worker.start();
        assert_eq!(allowed.wait_exit().await, Ended::Code(0));
    });
}

#[test]
fn an_environment_that_is_named_must_have_its_file() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("nowhere:9092").topic("orders").variable("MILLSTREAM_ENV", "staging");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("`staging`, given by MILLSTREAM_ENV, has no file staging.toml"), "{report}");
    });
}
