//! Values of the environment and of `--set`, on the way from their names to what holds.

use harness::prelude::*;

use crate::worker::{Worker, report};

const FILE: &str = "[kafka.listeners.\"Worker.on_message\"]\nconcurrency = 2\nretries = 2\nwindow = 2\n";
const VARIABLE: &str = "MILLSTREAM__KAFKA__LISTENERS__WORKER_ON_MESSAGE";

/// What it prints, and how it ended.
async fn printed(worker: &Worker) -> (Ended, String) {
    let mut process = worker.start();
    let ended = process.wait_exit().await;
    (ended, process.lines().join("\n"))
}

/// The lines that say what holds for the listener.
fn holds(printed: &str) -> &str {
    let (_, text) = printed.split_once("# what holds for listener Worker.on_message\n").unwrap_or_default();
    text.split("\n\n").next().unwrap_or_default()
}

#[test]
fn a_variable_wins_over_the_file_and_the_command_line_over_both() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("nowhere:9092")
            .topic("orders")
            .file("default.toml", FILE)
            .variable(&format!("{VARIABLE}__CONCURRENCY"), "8")
            .variable(&format!("{VARIABLE}__RETRIES"), "forever")
            .set("kafka.listeners.\"Worker.on_message\".concurrency = 16")
            .argument("--print-config")
            .argument("--listeners");
        let (ended, printed) = printed(&worker).await;

        assert_eq!(ended, Ended::Code(0), "{printed}");
        let holds = holds(&printed);
        let line = |name: &str| holds.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        assert!(line("concurrency").contains("16") && line("concurrency").contains("--set"), "{printed}");
        assert!(line("retries").contains("forever") && line("retries").contains(VARIABLE), "{printed}");
        assert!(line("window").contains("= 2 ") && line("window").contains("default.toml:4:"), "{printed}");
        assert!(printed.contains("partition, 16 at once") && printed.contains("retry forever"), "{printed}");
    });
}

#[test]
fn the_name_of_a_listener_in_a_variable_ignores_case_and_what_is_no_letter() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("nowhere:9092")
            .topic("orders")
            .variable(&format!("{VARIABLE}__CONCURRENCY"), "8")
            .argument("--listeners");
        let (ended, printed) = printed(&worker).await;

        assert_eq!(ended, Ended::Code(0), "{printed}");
        assert!(printed.contains("partition, 8 at once"), "{printed}");
    });
}

#[test]
fn a_variable_below_properties_is_the_property_of_librdkafka_with_dots() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("nowhere:9092")
            .topic("orders")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SASL_PASSWORD", "007")
            .variable("MILLSTREAM__KAFKA__CONSUMER__PROPERTIES__SESSION_TIMEOUT_MS", "9000")
            .argument("--print-config");
        let (ended, printed) = printed(&worker).await;

        assert_eq!(ended, Ended::Code(0), "{printed}");
        assert!(printed.contains("kafka.properties.\"sasl.password\" = \"***\""), "{printed}");
        assert!(printed.contains("kafka.consumer.properties.\"session.timeout.ms\" = \"9000\""), "{printed}");
        assert!(!printed.contains("007"), "{printed}");
    });
}

#[test]
fn a_variable_that_names_nothing_is_an_error_with_the_nearest_name() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("nowhere:9092")
            .topic("orders")
            .variable("MILLSTREAM__KAFKA__LISTENERS__WORKER_ON_MESAGE__CONCURRENCY", "8");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("names no key that this application knows"), "{report}");
        assert!(report.contains(&format!("did you mean `{VARIABLE}__CONCURRENCY`?")), "{report}");
    });
}

#[test]
fn a_file_takes_a_variable_and_its_default_and_refuses_one_without() {
    harness::run_without_broker(60, async || {
        let text = "[kafka]\nclient_id = '${SHOP_CLIENT}'\nmissing_topics = '${SHOP_MISSING:fail}'\n";
        let worker = Worker::at("nowhere:9092").topic("orders").file("default.toml", text).argument("--print-config");
        let (ended, lacking) = printed(&worker).await;
        assert_eq!(ended, Ended::Code(2), "{lacking}");
        assert!(lacking.contains("SHOP_CLIENT") && lacking.contains("default.toml:2:"), "{lacking}");

        let worker = worker.variable("SHOP_CLIENT", "till-7");
        let (ended, printed) = printed(&worker).await;
        assert_eq!(ended, Ended::Code(0), "{printed}");
        assert!(printed.contains("kafka.client_id = \"till-7\""), "{printed}");
        assert!(printed.contains("kafka.missing_topics = \"fail\""), "{printed}");
    });
}
