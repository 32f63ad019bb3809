//! A broker that is away when the application starts.

use harness::prelude::*;

use crate::load::produce;
use crate::worker::{READY, Worker, report};

const UNREACHABLE: &str = "the cluster cannot be reached, trying on";

#[test]
fn a_process_without_its_broker_says_so_is_not_ready_and_ends_cleanly_when_told() {
    harness::run_without_broker(60, async || {
        let port = unused_port();
        let worker = Worker::at(&format!("127.0.0.1:{port}")).topic("orders");
        let mut process = worker.start();
        let line = process.wait_for_line(UNREACHABLE).await;
        assert!(line.contains("WARN") && line.contains("cluster=default"), "{line}");
        assert!(line.contains(&format!("127.0.0.1:{port}")) && line.contains("Connection refused"), "{line}");
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        let report = report(&process);
        assert!(!report.contains(READY), "{report}");
        assert!(!report.contains("ERROR"), "{report}");
    });
}

#[test]
fn a_process_whose_broker_accepts_and_never_answers_says_so_and_ends_cleanly_when_told() {
    harness::run_without_broker(60, async || {
        let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = silent.local_addr().unwrap();
        let worker = Worker::at(&address.to_string()).topic("orders");
        let mut process = worker.start();
        process.wait_for_line(UNREACHABLE).await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        assert!(!report(&process).contains(READY));
    });
}

real_broker! {
    within(240)
    async fn a_process_that_started_without_its_broker_goes_on_by_itself_when_the_broker_comes() {
        let kafka = OwnKafka::start(1).await;
        let broker = kafka.broker();
        let topic = unique("orders");
        broker.create_topic(&topic, 2).await;
        let mut sent = produce(&broker, &topic, 0, 50).await;
        kafka.stop(1).await;

        let worker = Worker::of(&broker, &topic);
        let mut process = worker.start();
        process.wait_for_line(UNREACHABLE).await;
        assert!(!report(&process).contains(READY));
        kafka.restart(1).await;
        process.wait_for_line(READY).await;
        sent.extend(produce(&broker, &topic, 1, 50).await);
        process.wait_for_handled(100).await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        let ledger = Ledger::of([&process]);
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
    }
}
