//! What happens in a running application, as events.

use std::sync::Arc;
use std::time::Duration;

/// Something that happened in a running application.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A subscription reached its cluster.
    Connected {
        /// The cluster.
        cluster: Arc<str>,
        /// The group.
        group_id: Arc<str>,
    },
    /// A cluster cannot be reached, or refuses us; it is tried again.
    Disconnected {
        /// The cluster.
        cluster: Arc<str>,
        /// The group.
        group_id: Arc<str>,
        /// Why, as the client says it.
        reason: String,
    },
    /// Partitions were given to a subscription, and its listeners run on them.
    Assigned {
        /// The group.
        group_id: Arc<str>,
        /// Topic, partition, and the offset where reading starts.
        partitions: Vec<(Arc<str>, i32, i64)>,
    },
    /// Partitions were taken from a subscription.
    Revoked {
        /// The group.
        group_id: Arc<str>,
        /// Topic and partition.
        partitions: Vec<(Arc<str>, i32)>,
        /// Whether they were taken without asking: nothing could be committed any more.
        lost: bool,
    },
    /// The application stops: no message of this group is begun any more, and handlers in hand may end.
    Draining {
        /// The group.
        group_id: Arc<str>,
    },
    /// A listener holds a partition.
    Paused {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The message it stands at.
        offset: i64,
        /// Why: the error, or who asked for it.
        reason: String,
    },
    /// A held partition goes on.
    Resumed {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
    },
    /// A message was settled without being handled.
    Skipped {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The message.
        offset: i64,
        /// Why: the error with `on_failure = "skip"`, or who asked for it.
        reason: String,
    },
    /// An idempotent listener had handled a message before: it was settled without being handled again.
    HandledBefore {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The message.
        offset: i64,
    },
    /// A message failed for good and was written to its dead-letter topic, with which it is settled.
    DeadLettered {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The message.
        offset: i64,
        /// The dead-letter topic.
        to: Arc<str>,
        /// Its partition.
        to_partition: i32,
        /// Where the dead letter stands in it.
        to_offset: i64,
        /// Why: the error of the last attempt.
        reason: String,
    },
    /// A message failed and was written to a retry topic, with which it is settled where it was.
    RetryScheduled {
        /// The listener.
        listener: Arc<str>,
        /// The topic that it was read from.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The message.
        offset: i64,
        /// The retry topic.
        to: Arc<str>,
        /// How long it waits there.
        after: Duration,
        /// Why: the error of the last attempt.
        reason: String,
    },
    /// Somebody waited for an answer to a message that failed for good, and got the error as the answer; or a stream of
    /// answers ended with an error. The message is settled with that.
    AnsweredWithError {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The message.
        offset: i64,
        /// The topic of the answer.
        to: Arc<str>,
        /// The failure in one word: `error`, `terminal`, `extract`, `panic`, `timeout`, `rewind`, `dropped` or `crash`.
        kind: &'static str,
        /// Why: the error of the last attempt.
        reason: String,
    },
    /// A message failed, or is to be answered, and the dead-letter, retry or reply topic cannot be written. It is tried again until it can; its lane
    /// waits.
    CannotWrite {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The message.
        offset: i64,
        /// The topic that cannot be written.
        to: Arc<str>,
        /// Why.
        reason: String,
    },
    /// The group's position no longer exists: messages are gone.
    PositionLost {
        /// The group.
        group_id: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The position that was lost.
        position: i64,
        /// The first offset that the log still holds.
        earliest: i64,
        /// The offset behind its last message.
        latest: i64,
        /// Where reading goes on; `None` if the partition was paused.
        resumed_at: Option<i64>,
    },
    /// The broker refused positions for good; it is tried again with the next ones.
    CommitFailed {
        /// The group.
        group_id: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// Why.
        reason: String,
    },
    /// The client died and is built again.
    Rebuilding {
        /// The group.
        group_id: Arc<str>,
        /// Why.
        reason: String,
    },
    /// A handler keeps its thread busy without a pause.
    Blocking {
        /// The listener.
        listener: Arc<str>,
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
    },
}
