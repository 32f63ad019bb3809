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
    /// It stands still until it is resumed.
    Paused {
        /// The message it stands at.
        offset: i64,
        /// Why: the error, or who asked for it.
        reason: String,
    },
}

impl ListenerStatus {
    /// Whether one of its partitions stands still.
    pub fn is_paused(&self) -> bool {
        self.partitions.iter().any(|partition| matches!(partition.state, PartitionState::Paused { .. }))
    }
}
