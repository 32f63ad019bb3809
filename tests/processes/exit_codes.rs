//! The exit code of a process, and the report on its error output.

use harness::prelude::*;

use crate::load::produce;
use crate::worker::{READY, Worker, report};

/// A worker that nobody can reach a broker for.
fn without_broker() -> Worker {
    Worker::at(&format!("127.0.0.1:{}", unused_port())).topic("orders")
}

both_brokers! {
    async fn a_process_that_was_asked_to_stop_ends_with_code_zero_and_no_report(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        let worker = Worker::of(broker, &topic);
        let mut process = worker.start();
        process.wait_for_line(READY).await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        let report = report(&process);
        assert!(!report.contains("ERROR") && !report.contains("error: "), "{report}");
    }

    async fn a_listener_that_stops_the_application_ends_it_with_code_one_and_commits_what_was_handled(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        produce(broker, &topic, 0, 10).await;
        let worker = Worker::of(broker, &topic)
            .knob("fail_at", "0@5")
            .set("kafka.listener_defaults.retries = 0")
            .set("kafka.listener_defaults.on_failure = 'stop'");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(1));
        let report = report(&process);
        let reason = format!(
            "error: listener Worker.on_message failed for good on {topic}/0 at offset 5, and `on_failure = \"stop\"`: told to fail"
        );
        assert!(report.contains(&reason), "{report}");
        assert_eq!(process.handled().len(), 5);
        assert_eq!(broker.committed(worker.group(), &topic).await[&0].offset, 5);
    }

    async fn a_missing_topic_that_must_exist_ends_the_start_with_code_two(broker: &Broker) {
        let topic = unique("nowhere");
        let worker = Worker::of(broker, &topic).set("kafka.missing_topics = 'fail'");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains(&format!("error: cluster default has no topic {topic}: create it")), "{report}");
    }
}

both_brokers! {
    async fn a_topic_that_does_not_come_within_the_start_timeout_ends_the_start_with_code_two(broker: &Broker) {
        let topic = unique("nowhere");
        let worker = Worker::of(broker, &topic).set("kafka.start_timeout = '3s'");
        let mut process = worker.start();
        process.wait_for_line("topics do not exist yet: waiting for them").await;

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        assert!(report(&process).contains("error: no partitions within start_timeout = 3s"), "{}", report(&process));
    }
}

#[test]
fn a_cluster_that_is_not_reached_within_the_start_timeout_ends_the_start_with_code_two() {
    harness::run_without_broker(60, async || {
        let worker = without_broker().set("kafka.start_timeout = '300ms'");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        let group = worker.group();
        let reason = format!(
            "error: no partitions within start_timeout = 300ms for group {group} on cluster default: the cluster"
        );
        assert!(report.contains(&reason), "{report}");
    });
}

#[test]
fn a_mistake_in_the_configuration_ends_the_start_with_code_two_and_the_whole_report() {
    harness::run_without_broker(60, async || {
        let worker = without_broker()
            .file("default.toml", "[kafka]\nclient_idd = 'billing'\n\n[kafka.listener_defaults]\nretries = -1\n");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.starts_with("error: the application cannot start: 2 problems"), "{report}");
        assert!(report.contains("client_idd") && report.contains("default.toml:2:"), "{report}");
        assert!(report.contains("retries") && report.contains("default.toml:5:"), "{report}");
        assert_eq!(process.standard_output(), [""; 0]);
    });
}

#[test]
fn a_mistake_on_the_command_line_ends_the_start_with_code_two() {
    harness::run_without_broker(60, async || {
        let worker = without_broker().argument("--chekc");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("unknown option `--chekc`") && report.contains("did you mean `--check`?"), "{report}");
    });
}

#[test]
fn a_directory_of_configuration_that_is_named_and_missing_ends_the_start_with_code_two() {
    harness::run_without_broker(60, async || {
        let worker = without_broker().argument("--config").argument("/no/such/directory");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("/no/such/directory"), "{report}");
    });
}
