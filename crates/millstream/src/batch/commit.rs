//! The answer to a commit of a batch's messages.

use crate::context::{Commit, CommitError, CommitFuture, CommitReceipt};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

/// What a commit of a batch's messages returns. It has taken effect already; awaiting this tells the broker's
/// answer, dropping it changes nothing.
///
/// Awaiting is cancel safe: a dropped future only stops listening to the answers.
pub struct BatchCommit {
    commits: Vec<(Arc<str>, i32, Commit)>,
}

/// What the broker acknowledged of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchReceipt {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// What it acknowledged.
    pub receipt: CommitReceipt,
}

impl BatchCommit {
    pub(crate) fn new(commits: Vec<(Arc<str>, i32, Commit)>) -> Self {
        Self { commits }
    }

    /// Blocks the thread until the broker's answers, for code that is not async.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    pub fn wait(self) -> Result<Vec<BatchReceipt>, CommitError> {
        let mut result = Ok(Vec::with_capacity(self.commits.len()));
        for (topic, partition, commit) in self.commits {
            note(&mut result, topic, partition, commit.wait());
        }
        result
    }
}

/// The first error stands in for all.
fn note(
    result: &mut Result<Vec<BatchReceipt>, CommitError>,
    topic: Arc<str>,
    partition: i32,
    answer: Result<CommitReceipt, CommitError>,
) {
    match (answer, &mut *result) {
        (Ok(receipt), Ok(receipts)) => receipts.push(BatchReceipt { topic, partition, receipt }),
        (Err(error), Ok(_)) => *result = Err(error),
        (_, Err(_)) => {}
    }
}

impl fmt::Debug for BatchCommit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.commits.iter().map(|(_, _, commit)| commit)).finish()
    }
}

impl IntoFuture for BatchCommit {
    type Output = Result<Vec<BatchReceipt>, CommitError>;
    type IntoFuture = BatchCommitFuture;

    /// One receipt for each partition of which messages were committed, in the order of the batch; the first error if
    /// there is one: what other partitions committed stands all the same.
    fn into_future(self) -> BatchCommitFuture {
        let waiting = self.commits.into_iter().map(|(topic, partition, commit)| {
            // All ask before the first is awaited.
            (topic, partition, commit.into_future())
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.reverse();
        BatchCommitFuture { waiting, result: Some(Ok(Vec::new())) }
    }
}

/// Waits for the broker's answers to a commit of a batch's messages.
pub struct BatchCommitFuture {
    /// The next is the last.
    waiting: Vec<(Arc<str>, i32, CommitFuture)>,
    result: Option<Result<Vec<BatchReceipt>, CommitError>>,
}

impl fmt::Debug for BatchCommitFuture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BatchCommitFuture({} to come)", self.waiting.len())
    }
}

impl Future for BatchCommitFuture {
    type Output = Result<Vec<BatchReceipt>, CommitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Self::Output> {
        while let Some((_, _, next)) = self.waiting.last_mut() {
            let Poll::Ready(answer) = Pin::new(next).poll(context) else { return Poll::Pending };
            if let (Some((topic, partition, _)), Some(mut result)) = (self.waiting.pop(), self.result.take()) {
                note(&mut result, topic, partition, answer);
                self.result = Some(result);
            }
        }
        Poll::Ready(self.result.take().unwrap_or_else(|| Err(CommitError::closed())))
    }
}
