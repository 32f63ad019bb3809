//! The broker inside the process: filled from files, and open to others at a port.

use harness::prelude::*;

use crate::worker::{Worker, report};

/// A worker with a broker of its own, whose topic is filled from a file.
fn worker(topic: &str, seed: &str) -> Worker {
    let text = format!("[kafka.embedded.seed]\n{topic} = 'seed.jsonl'\n");
    Worker::at("embedded").topic(topic).file("seed.jsonl", seed).file("default.toml", &text)
}

fn orders(count: u32) -> String {
    let lines: Vec<String> =
        (0..count).map(|number| format!("{{\"id\": {number}, \"shop\": \"s{}\"}}\n", number % 7)).collect();
    lines.concat()
}

/// Runs kcat, a client that is not ours, to its end.
async fn kcat(port: u16, arguments: &[&str]) -> Vec<String> {
    let address = format!("127.0.0.1:{port}");
    let mut program = Process::program("kcat").argument("-b").argument(&address);
    for argument in arguments {
        program = program.argument(argument);
    }
    let mut process = program.start();
    assert_eq!(process.wait_exit().await, Ended::Code(0), "{:?}", process.lines());
    process.standard_output()
}

#[test]
fn kcat_sees_the_seeded_topic_at_the_port_and_produces_to_it() {
    harness::run_without_broker(120, async || {
        let port = unused_port();
        let worker = worker("orders", &orders(20)).set(&format!("kafka.embedded.port = {port}"));
        let mut process = worker.start();
        process.wait_for_handled(20).await;
        let line = process.wait_for_line("an embedded broker runs in this process").await;
        assert!(line.contains(&format!("127.0.0.1:{port}")), "{line}");

        let mut seen = kcat(port, &["-C", "-t", "orders", "-e", "-q", "-o", "beginning"]).await;
        seen.sort_unstable();
        let mut expected: Vec<String> = orders(20).lines().map(str::to_owned).collect();
        expected.sort_unstable();
        assert_eq!(seen, expected);

        let directory = worker.directory();
        directory.write("more.jsonl", "{\"id\": 20}\n{\"id\": 21}\n");
        let more = directory.path().join("more.jsonl").display().to_string();
        kcat(port, &["-P", "-t", "orders", "-l", &more]).await;
        process.wait_for_handled(22).await;
        process.terminate();
        assert_eq!(process.wait_exit().await, Ended::Code(0));
    });
}

#[test]
fn a_seed_fills_its_topic_in_the_order_of_its_lines_with_keys_that_choose_partitions() {
    harness::run_without_broker(120, async || {
        let port = unused_port();
        let worker = Worker::at("embedded")
            .topic("orders")
            .file("seed.jsonl", &orders(70))
            .file("default.toml", "[kafka.embedded.seed]\norders = { file = 'seed.jsonl', key = 'shop' }\n")
            .set("kafka.embedded.partitions = 3")
            .set(&format!("kafka.embedded.port = {port}"));
        let mut process = worker.start();
        process.wait_for_handled(70).await;

        let seen = kcat(port, &["-C", "-t", "orders", "-e", "-q", "-o", "beginning", "-f", "%k %p %s\\n"]).await;
        let mut partitions = std::collections::BTreeMap::<String, (String, Vec<String>)>::new();
        for line in &seen {
            let mut words = line.splitn(3, ' ').map(str::to_owned);
            let (key, partition, order) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            let of_key = partitions.entry(key).or_insert_with(|| (partition.clone(), Vec::new()));
            assert_eq!(of_key.0, partition, "all messages of a key are in one partition");
            of_key.1.push(order);
        }
        assert_eq!(partitions.len(), 7);
        for (key, (_, seen)) in &partitions {
            let orders = orders(70);
            let expected: Vec<&str> = orders.lines().filter(|line| line.contains(&format!("\"{key}\""))).collect();
            assert_eq!(*seen, expected);
        }
        process.terminate();
        assert_eq!(process.wait_exit().await, Ended::Code(0));
    });
}

#[test]
fn a_seed_that_is_not_there_ends_the_start_with_code_two_and_its_name() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("embedded").topic("orders").set("kafka.embedded.seed.orders = 'missing.jsonl'");
        let mut process = worker.start();
        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("orders") && report.contains("missing.jsonl"), "{report}");
    });
}

#[test]
fn a_seed_without_its_key_ends_the_start_with_code_two_and_the_line() {
    harness::run_without_broker(60, async || {
        let worker = Worker::at("embedded")
            .topic("orders")
            .file("seed.jsonl", "{\"id\": 1}\n{\"nothing\": 2}\n")
            .file("default.toml", "[kafka.embedded.seed]\norders = { file = 'seed.jsonl', key = 'id' }\n");
        let mut process = worker.start();
        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("seed.jsonl:2") && report.contains("`id`"), "{report}");
    });
}

#[test]
fn a_port_that_is_taken_ends_the_start_with_code_two_and_the_way_out() {
    harness::run_without_broker(60, async || {
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let worker = worker("orders", &orders(1)).set(&format!("kafka.embedded.port = {port}"));
        let mut process = worker.start();
        assert_eq!(process.wait_exit().await, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains(&format!("port {port} cannot be used")), "{report}");
        assert!(report.contains("`[kafka.embedded] port`"), "{report}");
    });
}
