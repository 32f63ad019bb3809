//! Where the log goes and how it looks.

use harness::prelude::*;
use serde_json::Value;

use crate::worker::{READY, Worker};

fn line(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("`{text}` is no JSON: {error}"))
}

embedded_broker! {
    async fn every_line_is_a_json_object_where_json_is_asked_for(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        let worker = Worker::of(broker, &topic).set("log.format = 'json'");
        let mut process = worker.start();
        process.wait_for_line("\"ready\"").await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        let lines: Vec<Value> = process.error_output().iter().map(|text| line(text)).collect();
        assert!(lines.iter().all(|line| line["level"].is_string() && line["fields"]["message"].is_string()));
        let subscribing = lines.iter().find(|line| line["fields"]["message"] == "subscribing").unwrap();
        assert_eq!(subscribing["fields"]["group"], worker.group());
    }

    async fn the_log_is_added_to_the_end_of_its_file_and_nothing_is_on_the_error_output(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        let worker = Worker::of(broker, &topic).file("shop.log", "before\n");
        let file = worker.directory().path().join("shop.log");
        let worker = worker.set(&format!("log.file = {:?}", file.display().to_string()));
        let mut process = worker.start();
        wait_until("the log says that it is ready", async || worker.directory().read("shop.log").contains(READY)).await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        assert_eq!(process.error_output(), [""; 0]);
        let log = worker.directory().read("shop.log");
        assert!(log.starts_with("before\n"), "{log}");
        assert!(log.contains("stopped"), "{log}");
    }

    async fn a_level_hides_what_is_less_and_a_target_has_its_own(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        let worker = Worker::of(broker, &topic)
            .set("log.level = 'warn'")
            .set("log.targets.\"millstream::app::supervisor\" = 'info'");
        let mut process = worker.start();
        process.wait_for_line(READY).await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        let lines = process.error_output();
        assert!(lines.iter().all(|line| line.contains("millstream::app::supervisor")), "{lines:?}");
    }
}

#[test]
fn a_log_that_cannot_be_written_ends_the_start_with_code_two() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("nowhere:9092").topic("orders").set("log.file = '/no/such/directory/shop.log'");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = process.error_output().join("\n");
        assert!(report.contains("log.file") && report.contains("/no/such/directory/shop.log"), "{report}");
    });
}
