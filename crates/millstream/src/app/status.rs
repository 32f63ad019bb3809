//! What a running application tells about its listeners.

use std::sync::Arc;

/// One listener of a running application.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerStatus {
    /// Its id.
    pub id: Arc<str>,
    /// The cluster.
    pub cluster: Arc<str>,
    /// The group.
    pub group_id: Arc<str>,
    /// The topics it names; empty with a pattern.
    pub topics: Vec<Arc<str>>,
    /// The pattern of its topics.
    pub pattern: Option<Arc<str>>,
    /// The partitions it reads in this process now, sorted by topic and number.
    pub partitions: Vec<PartitionStatus>,
    /// How many results of its method were dropped since the application began, as nobody had asked for them: the
    /// messages were events and no requests. Always 0 without `reply`.
    pub unasked_results: u64,
}

/// One partition that a listener reads in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionStatus {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The lowest offset that this listener has not settled.
    pub position: i64,
    /// How many messages were taken and are not passed, from the lowest that is not settled: those in hand, those
    /// that wait for a retry or for another of their key, and what is finished between them. 0 where one message is
    /// handled after the other.
    pub open_messages: usize,
    /// How many bytes they have.
    pub open_bytes: u64,
    /// What it does.
    pub state: PartitionState,
}

/// What a listener does with a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartitionState {
    /// It reads on.
    Running,
    /// A message failed and is tried again after a wait.
    Retrying {
        /// The message.
        offset: i64,
        /// Which attempt failed last, from 1.
        attempt: u32,
        /// Why.
        reason: String,
    },
    /// A message failed for good, or was handled and is to be answered, and the topic for that cannot be written: it is
    /// tried again and again.
    Writing {
        /// The message.
        offset: i64,
        /// The topic: one for dead letters, for retries or for replies.
        topic: Arc<str>,
        /// Why it cannot be written.
        error: String,
    },
    /// It stands still until it is resumed.
    Paused {
        /// The message it stands at.
        offset: i64,
        /// Why: the error, or who asked for it.
        reason: String,
    },
}

impl ListenerStatus {
    /// Whether one of its partitions does not go on: it is paused, or what is to follow a message there cannot be written to
    /// another topic. Whoever asks for readiness wants to know this.
    pub fn is_held(&self) -> bool {
        let is_held =
            |state: &PartitionState| matches!(state, PartitionState::Paused { .. } | PartitionState::Writing { .. });
        self.partitions.iter().any(|partition| is_held(&partition.state))
    }

    /// Whether one of its partitions stands still until it is resumed.
    pub fn is_paused(&self) -> bool {
        self.partitions.iter().any(|partition| matches!(partition.state, PartitionState::Paused { .. }))
    }
}
