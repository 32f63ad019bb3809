//! An Apache Kafka that belongs to one test, which may crash it.

use std::fs;
use std::path::PathBuf;

use crate::broker::blocking;
use crate::waiting::Waiting;
use crate::{Broker, kafka_scripts, unique};

/// A cluster of one node or three for one test. It is stopped, and its data deleted, when the value is dropped.
///
/// Nodes count from 1. The methods return when the node is in the state they name.
#[derive(Debug)]
pub struct OwnKafka {
    home: PathBuf,
    bootstrap: String,
}

impl OwnKafka {
    /// Starts a cluster and waits until all its nodes know each other.
    pub async fn start(nodes: u8) -> Self {
        let home = kafka_scripts::project().join("target/kafka-own").join(unique("cluster"));
        // Made before the start, so that a start that fails or is given up is cleaned as well.
        let mut own = Self { home: home.clone(), bootstrap: String::new() };
        let _waiting = Waiting::for_(&format!("a Kafka of {nodes} nodes answers"));
        let answer = blocking(move || kafka_scripts::run(Some(&home), &[], &["start", &nodes.to_string()])).await;
        let brokers = answer.lines().find_map(|line| line.strip_prefix("brokers: "));
        brokers
            .unwrap_or_else(|| panic!("scripts/kafka start names no brokers: {answer}"))
            .clone_into(&mut own.bootstrap);
        own
    }

    /// The cluster as a broker to test on.
    pub fn broker(&self) -> Broker {
        Broker::at(self.bootstrap.clone(), Some(self.home.clone()))
    }

    /// Freezes a node: its connections stay open, nothing answers.
    pub async fn pause(&self, node: u8) {
        self.command("pause", node).await;
    }

    /// Lets a frozen node go on.
    pub async fn resume(&self, node: u8) {
        self.command("resume", node).await;
    }

    /// Crashes a node (SIGKILL).
    pub async fn kill(&self, node: u8) {
        self.command("kill", node).await;
    }

    /// Ends a node cleanly (SIGTERM); its data stays.
    pub async fn stop(&self, node: u8) {
        self.command("stop", node).await;
    }

    /// Starts a node again on its data and port.
    pub async fn restart(&self, node: u8) {
        self.command("restart", node).await;
    }

    /// Changes a property that a node reads when it starts, and restarts it.
    pub async fn configure(&self, node: u8, property: &str, value: &str) {
        let file = self.home.join(format!("node-{node}/server.properties"));
        let properties = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        fs::write(&file, format!("{properties}\n{property}={value}\n"))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.restart(node).await;
    }

    async fn command(&self, verb: &'static str, node: u8) {
        let _waiting = Waiting::for_(&format!("scripts/kafka {verb} {node} ends"));
        let home = self.home.clone();
        blocking(move || kafka_scripts::run(Some(&home), &[], &[verb, &node.to_string()])).await;
    }
}

impl Drop for OwnKafka {
    fn drop(&mut self) {
        // The data goes with it, so nothing is gained by a clean end.
        let stopped = std::panic::catch_unwind(|| {
            kafka_scripts::run(Some(&self.home), &[("KAFKA_STOP_SECONDS", "0")], &["stop"]);
        });
        if stopped.is_ok() {
            drop(fs::remove_dir_all(&self.home));
        }
    }
}
