//! What the command line asks for instead of running, and which listeners run.

use harness::prelude::*;

use crate::load::produce;
use crate::worker::{READY, Worker};

/// Nobody answers there, so that whatever comes to an end did not ask.
fn without_broker() -> Worker {
    let text = "[kafka.properties]\n\"sasl.password\" = 'hunter2'\n";
    Worker::at("nowhere:9092").topic("orders").file("default.toml", text)
}

async fn output_of(worker: &Worker) -> String {
    let mut process = worker.start();
    assert_eq!(process.wait_exit().await, Ended::Code(0), "{:?}", process.lines());
    assert_eq!(process.error_output(), [""; 0]);
    process.standard_output().join("\n")
}

#[test]
fn check_says_that_all_is_well_and_starts_nothing() {
    harness::run_without_broker(60, async || {
        let output = output_of(&without_broker().argument("--check")).await;
        assert!(output.contains("all is well: 1 listener from crate millstream-tests; configuration from"), "{output}");
    });
}

#[test]
fn the_configuration_is_printed_with_the_place_of_each_value_and_without_secrets() {
    harness::run_without_broker(60, async || {
        let output = output_of(&without_broker().argument("--print-config")).await;
        let line = |key: &str| output.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        assert!(line("kafka.properties.\"sasl.password\"").contains("= \"***\""), "{output}");
        assert!(line("kafka.properties.\"sasl.password\"").contains("default.toml:2:"), "{output}");
        assert!(line("kafka.brokers").contains("environment variable, MILLSTREAM__KAFKA__BROKERS"), "{output}");
        assert!(output.contains("# what holds for listener Worker.on_message"), "{output}");
        assert!(output.contains("on_failure = \"pause\"  # built-in"), "{output}");
        assert!(!output.contains("hunter2"), "{output}");
    });
}

#[test]
fn the_table_of_listeners_tells_what_each_guarantees() {
    harness::run_without_broker(60, async || {
        let worker = without_broker().set("kafka.listeners.\"Worker.by_hand\".enabled = true");
        let output = output_of(&worker.argument("--listeners")).await;
        let row = |id: &str| output.lines().find(|line| line.starts_with(id)).unwrap_or_default();
        assert!(row("Worker.on_message").contains("at least once; what still fails holds its partition"), "{output}");
        assert!(row("Worker.by_hand").contains("by the method"), "{output}");
        assert!(row("Worker.on_order").is_empty(), "it is disabled: {output}");
    });
}

#[test]
fn help_names_the_options_and_the_exit_codes() {
    harness::run_without_broker(60, async || {
        let output = output_of(&without_broker().argument("--help")).await;
        for part in ["--check", "--print-config", "--listeners", "--only ID", "--set KEY=VALUE", "Exit codes: 0 clean"]
        {
            assert!(output.contains(part), "{part} is not in {output}");
        }
    });
}

#[test]
fn only_a_listener_that_is_disabled_is_refused() {
    harness::run_without_broker(60, async || {
        let worker = without_broker().argument("--only").argument("Worker.by_hand").argument("--check");
        let mut process = worker.start();
        assert_eq!(process.wait_exit().await, Ended::Code(2), "{:?}", process.lines());
    });
}

#[test]
fn only_a_listener_that_shares_its_topic_is_refused_since_the_other_would_lose_messages() {
    harness::run_without_broker(60, async || {
        let worker = without_broker()
            .set("kafka.listeners.\"Worker.by_hand\".enabled = true")
            .set("kafka.listeners.\"Worker.by_hand\".topics = ['orders']")
            .argument("--only=Worker.by_hand");
        let mut process = worker.start();
        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = process.error_output().join("\n");
        assert!(report.contains("`--only` leaves out `Worker.on_message`, which reads topic `orders`"), "{report}");
    });
}

both_brokers! {
    async fn only_the_named_listeners_run(broker: &Broker) {
        let (orders, refunds) = (unique("orders"), unique("refunds"));
        broker.create_topic(&orders, 1).await;
        broker.create_topic(&refunds, 1).await;
        produce(broker, &orders, 0, 10).await;
        produce(broker, &refunds, 0, 10).await;
        let by_hand = "MILLSTREAM__KAFKA__LISTENERS__WORKER_BY_HAND";
        let worker = Worker::of(broker, &orders)
            .variable(&format!("{by_hand}__ENABLED"), "true")
            .variable(&format!("{by_hand}__TOPICS"), &refunds)
            .argument("--only=Worker.by_hand");
        let mut process = worker.start();
        process.wait_for_line(READY).await;
        process.wait_for_handled(10).await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        assert!(process.handled().iter().all(|message| message.topic == refunds));
        assert!(broker.committed(worker.group(), &orders).await.is_empty());
    }
}
