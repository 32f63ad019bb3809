//! A broker in a process of its own: the embedded cluster, so that neither its CPU nor its memory is counted.

use crate::child::{Child, hear, say};
use crate::fill::{Filling, fill};
use crate::roles::Role;
use anyhow::{Context as _, Result};
use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BrokerTask {
    pub(crate) partitions: i32,
    /// What it is filled with; its topics are all that there are.
    pub(crate) filling: Filling,
    /// Fills only after a word.
    pub(crate) fill_later: bool,
}

/// A running broker process.
pub(crate) struct Broker {
    child: Child,
    pub(crate) address: String,
}

impl Broker {
    pub(crate) fn start(task: BrokerTask) -> Result<Self> {
        let mut child = Child::start(&Role::Broker(task)).context("the broker's process")?;
        let (address, _) = child.line(PATIENCE).context("the broker's process")?;
        Ok(Self { child, address })
    }

    /// Fills the topics, of one that was to wait for it.
    pub(crate) fn fill(&mut self) -> Result<()> {
        self.child.tell("fill")?;
        self.child.expect("filled", PATIENCE)
    }

    /// Runs something while the broker stands still.
    pub(crate) fn frozen<T>(&self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        self.child.freeze()?;
        let result = run();
        self.child.thaw()?;
        result
    }
}

/// The broker's process: runs until its parent is gone.
pub(crate) fn play(task: &BrokerTask) -> Result<()> {
    let topics = task.filling.topics.iter().map(|topic| (topic.clone(), task.partitions)).collect();
    let cluster = EmbeddedCluster::start(EmbeddedOptions { topics, ..EmbeddedOptions::default() })?;
    let address = cluster.bootstrap();
    if !task.fill_later {
        fill_and_check(&address, &task.filling)?;
    }
    say(&address)?;
    if task.fill_later {
        hear("fill")?;
        fill_and_check(&address, &task.filling)?;
        say("filled")?;
    }
    // Whatever ends the parent ends the wait, and with it this process.
    drop(hear("end"));
    Ok(())
}

/// The cluster forgets what does not fit its 5 MiB a partition, so each partition is looked at.
fn fill_and_check(address: &str, filling: &Filling) -> Result<()> {
    fill(address, filling)?;
    let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", address).create()?;
    for topic in &filling.topics {
        for partition in &filling.partitions {
            let (low, high) = consumer.fetch_watermarks(topic, *partition, Duration::from_secs(10))?;
            anyhow::ensure!(
                low == 0 && u64::try_from(high) == Ok(filling.depth),
                "{topic}/{partition} holds offsets {low} to {high} and not {} messages; fill it with less",
                filling.depth
            );
        }
    }
    Ok(())
}
