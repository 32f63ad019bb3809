//! Who drains the queues, and how a contender is told what to do.

use crate::child::{hear, say};
use crate::quiet::until_still;
use crate::window::Cost;
use crate::{allocations, application, raw, receive};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The topic that is drained.
pub(crate) const TOPIC: &str = "bench";
pub(crate) const PARTITIONS: i32 = 8;

/// Who takes the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Contender {
    /// `rd_kafka_consume_batch_queue`, 1,000 at a time: the floor.
    Raw,
    /// An application with one listener that does nothing.
    Millstream,
    /// The same with `order_by = "key"`.
    PerKey,
    /// An application with one batch listener, 500 at a time, that does nothing.
    Batches,
    /// rdkafka's `StreamConsumer::recv`.
    Receive,
}

impl Contender {
    /// What `floor` compares, the floor first.
    pub(crate) const FLOOR: [Self; 3] = [Self::Raw, Self::Millstream, Self::Receive];
    /// What `lanes` compares, the floor first.
    pub(crate) const LANES: [Self; 4] = [Self::Raw, Self::Millstream, Self::PerKey, Self::Batches];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Raw => "rd_kafka_consume_batch_queue",
            Self::Millstream => "millstream listener",
            Self::PerKey => "millstream listener, by key",
            Self::Batches => "millstream listener, batches",
            Self::Receive => "StreamConsumer::recv",
        }
    }
}

/// What a contender is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) contender: Contender,
    pub(crate) brokers: String,
    pub(crate) group: String,
    /// How many messages each partition holds.
    pub(crate) depth: u64,
    /// Waits for full queues and for a word before it drains; else from nothing to the last message.
    pub(crate) from_full_queue: bool,
    pub(crate) count_allocations: bool,
    /// By how many bytes memory grows when everything is fetched.
    pub(crate) least_growth: u64,
    /// How long each step may take.
    pub(crate) patience: Duration,
    /// How often it is looked whether everything is handled, where nobody says so.
    pub(crate) look: Duration,
}

impl Task {
    pub(crate) fn messages(&self) -> u64 {
        self.depth * u64::from(PARTITIONS.unsigned_abs())
    }

    /// Waits until everything is fetched as far as memory shows, then for the driver's word.
    pub(crate) fn until_full(&self, base: u64) -> Result<()> {
        let full = until_still(base, self.least_growth, self.patience)?;
        tell_full(full.saturating_sub(base))
    }
}

/// Says that everything is fetched and by how much memory has grown, and waits for the driver's word.
pub(crate) fn tell_full(growth: u64) -> Result<()> {
    say(&growth.to_string())?;
    hear("go")
}

/// The contender's process: measures, tells, and ends without a farewell, for the broker may be frozen.
pub(crate) fn play(task: &Task) -> Result<()> {
    if task.count_allocations {
        allocations::enable();
    }
    let cost: Cost = match task.contender {
        Contender::Raw => raw::drain(task)?,
        Contender::Millstream | Contender::PerKey | Contender::Batches => application::drain(task)?,
        Contender::Receive => receive::drain(task)?,
    };
    say(&serde_json::to_string(&cost)?)?;
    hear("end")
}
