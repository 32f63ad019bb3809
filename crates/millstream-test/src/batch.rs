//! A batch without a client, and what a listener did with it.

use crate::TestMessage;
use millstream::BatchContext;
use millstream::testing::{BatchRecorder, Recorded, batch};
use std::collections::HashMap;
use std::ops::Deref;

/// A batch without a client, for a listener that takes batches and that a test calls directly: pass `&batch`,
/// [`Messages::new(&batch)`](millstream::Messages::new) or [`Batch::new(&batch, values)`](millstream::Batch::new), then
/// ask what was called.
///
/// ```
/// use millstream::{BatchContext, BatchOutcome, Messages};
/// use millstream_test::{TestBatch, TestMessage};
///
/// async fn on_lines(lines: Messages<'_>, batch: &BatchContext) -> millstream::Result<BatchOutcome> {
///     for (index, line) in lines.iter().enumerate() {
///         if line.payload().is_none() {
///             return Ok(BatchOutcome::failed_at(index, "a line has no text"));
///         }
///         batch.commit_through(index).await?;
///     }
///     Ok(BatchOutcome::done())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), millstream::Error> {
/// let batch = TestBatch::new([TestMessage::text("a"), TestMessage::text("b"), TestMessage::tombstone()]);
/// let outcome = on_lines(Messages::new(&batch), &batch).await?;
/// assert_eq!(outcome.failed_indices(), [2]);
/// assert_eq!(batch.commits("test", 0), [1, 2]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestBatch {
    batch: BatchContext,
    recorder: BatchRecorder,
}

impl TestBatch {
    /// A batch of these messages in this order. One whose offset is not above that of the message before it in its
    /// partition gets the next one, so that messages without offsets have 0, 1, 2 ..; cluster, group, listener, attempt
    /// and attributes are those of the first.
    pub fn new(messages: impl IntoIterator<Item = TestMessage>) -> Self {
        let mut next = HashMap::new();
        let mut first = None;
        let mut owned = Vec::new();
        for message in messages {
            let (mut message, facts) = message.into_parts();
            let place = next.entry((message.topic.clone(), message.partition)).or_insert(0_i64);
            message.offset = message.offset.max(*place);
            *place = message.offset.saturating_add(1);
            first.get_or_insert(facts);
            owned.push(message);
        }
        let (batch, recorder) = batch(owned, first.unwrap_or_default());
        Self { batch, recorder }
    }

    /// The positions of a partition that were asked for, in order: of a commit of the message at offset 41 it is 42.
    /// The last one counts.
    pub fn commits(&self, topic: &str, partition: i32) -> Vec<i64> {
        let calls = self.calls(topic, partition).into_iter().filter_map(|call| match call {
            Recorded::Commit(position) | Recorded::Rewind(position) => Some(position),
            _ => None,
        });
        calls.collect()
    }

    /// Every verb that was called for messages of a partition, in order: commits, rewinds, seeks, pauses.
    pub fn calls(&self, topic: &str, partition: i32) -> Vec<Recorded> {
        self.recorder.recorded(topic, partition)
    }

    /// Cancels the batch's tokens, as partitions that are taken away do.
    pub fn cancel(&self) {
        self.recorder.cancel();
    }
}

impl Deref for TestBatch {
    type Target = BatchContext;

    fn deref(&self) -> &BatchContext {
        &self.batch
    }
}

#[cfg(test)]
mod tests {
    use super::TestBatch;
    use crate::TestMessage;
    use millstream::testing::Recorded;
    use millstream::{Batch, CommitErrorKind};

    fn batch() -> TestBatch {
        let message = |partition: i32| TestMessage::text("x").partition(partition);
        TestBatch::new([message(0).offset(7), message(0), message(1), message(1)])
    }

    #[test]
    fn messages_without_offsets_follow_one_another_in_their_partition() {
        let batch = batch();
        let places: Vec<_> = (0..batch.len())
            .filter_map(|index| batch.context_of(index))
            .map(|one| (one.partition(), one.offset()))
            .collect();
        assert_eq!(places, [(0, 7), (0, 8), (1, 0), (1, 1)]);
        assert_eq!(batch.partitions(), [("test", 0), ("test", 1)]);
    }

    #[tokio::test]
    async fn a_prefix_is_committed_in_each_of_its_partitions() {
        let batch = batch();
        let receipts = batch.commit_through(2).await.unwrap();
        assert_eq!(receipts.len(), 2);
        assert_eq!((batch.commits("test", 0), batch.commits("test", 1)), (vec![9], vec![1]));
        assert_eq!(batch.commit_through(4).await.unwrap_err().kind(), CommitErrorKind::InvalidOffset);
        batch.commit().await.unwrap();
        assert_eq!((batch.commits("test", 0), batch.commits("test", 1)), (vec![9, 9], vec![1, 2]));
    }

    #[test]
    fn verbs_are_told_by_partition_and_reach_each_once() {
        let batch = batch();
        batch.seek(3);
        batch.pause();
        assert_eq!(batch.calls("test", 0), [Recorded::Seek(3), Recorded::Pause]);
        assert_eq!(batch.calls("test", 1), [Recorded::Pause]);
        assert_eq!(batch.calls("other", 1), []);
        batch.cancel();
        assert!((0..4).all(|index| batch.context_of(index).is_some_and(|one| one.cancellation().is_cancelled())));
    }

    #[test]
    fn values_are_one_for_each_message() {
        let batch = batch();
        assert!(Batch::new(&batch, [1, 2, 3]).is_none());
        let values = Batch::new(&batch, [1, 2, 3, 4]).unwrap();
        assert_eq!(values.get(2).map(|one| (one.value(), one.context().partition())), Some((&3, 1)));
    }
}
