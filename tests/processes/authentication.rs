//! Brokers that refuse who asks.

use std::fs;
use std::path::{Path, PathBuf};

use harness::prelude::*;

use crate::load::produce;
use crate::worker::{READY, Worker, report};

/// A Kafka that lets in only `shop` with the password `right`, at an address of its own.
struct Guarded {
    kafka: OwnKafka,
    address: String,
}

impl Guarded {
    async fn start() -> Self {
        let kafka = OwnKafka::start(1).await;
        let file = home_of(&kafka).join("node-1/server.properties");
        let address = format!("127.0.0.1:{}", unused_port());
        let properties = fs::read_to_string(&file).unwrap();
        let mut lines: Vec<String> = properties
            .lines()
            .map(|line| match line.split_once('=') {
                Some(("listeners" | "advertised.listeners", _)) => format!("{line},GUARDED://{address}"),
                Some(("listener.security.protocol.map", _)) => format!("{line},GUARDED:SASL_PLAINTEXT"),
                _ => line.to_owned(),
            })
            .collect();
        lines.push("sasl.enabled.mechanisms=PLAIN".to_owned());
        lines.push(
            "listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
             required user_shop=\"right\";"
                .to_owned(),
        );
        fs::write(&file, lines.join("\n")).unwrap();
        kafka.restart(1).await;
        Self { kafka, address }
    }

    fn worker(&self, password: &str) -> Worker {
        Worker::at(&self.address)
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SECURITY_PROTOCOL", "sasl_plaintext")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SASL_MECHANISM", "PLAIN")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SASL_USERNAME", "shop")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SASL_PASSWORD", password)
    }
}

/// Where `scripts/kafka` keeps the cluster.
fn home_of(kafka: &OwnKafka) -> PathBuf {
    let homes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/kafka-own");
    let bootstrap = kafka.broker().bootstrap().to_owned();
    fs::read_dir(homes)
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|home| fs::read_to_string(home.join("brokers")).is_ok_and(|brokers| brokers.trim() == bootstrap))
        .expect("the cluster has a directory")
}

real_broker! {
    within(240)
    async fn a_wrong_password_ends_the_start_with_code_two_and_names_the_cluster_and_the_right_one_is_let_in() {
        let guarded = Guarded::start().await;
        let topic = unique("orders");
        guarded.kafka.broker().create_topic(&topic, 1).await;
        let sent = produce(&guarded.kafka.broker(), &topic, 0, 10).await;

        let worker = guarded.worker("wr0ng").topic(&topic);
        let mut refused = worker.start();
        assert_eq!(refused.wait_exit().await, Ended::Code(2));
        let report = report(&refused);
        assert!(report.contains("error: cluster default refuses"), "{report}");
        assert!(report.contains("uthentication failed") && report.contains("check the credentials"), "{report}");
        assert!(!report.contains("wr0ng"), "{report}");

        let worker = guarded.worker("right").topic(&topic);
        let mut process = worker.start();
        process.wait_for_line(READY).await;
        process.wait_for_handled(10).await;
        process.terminate();
        assert_eq!(process.wait_exit().await, Ended::Code(0));
        Ledger::of([&process]).assert_every_message_handled(&sent);
    }

    async fn a_broker_that_knows_no_passwords_is_an_error_that_names_the_cluster(broker: &Broker) {
        let worker = Worker::of(broker, "orders")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SECURITY_PROTOCOL", "sasl_plaintext")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SASL_MECHANISM", "PLAIN")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SASL_USERNAME", "shop")
            .variable("MILLSTREAM__KAFKA__PROPERTIES__SASL_PASSWORD", "hunter2");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("error: cluster default refuses"), "{report}");
        assert!(!report.contains("hunter2"), "{report}");
    }
}
