//! A message that somebody else settles, after the listener has returned.

use super::{Commit, CommitError, Context};
use crate::engine::lane::Lane;
use crate::error::Error;
use crate::listener::{Failure, Outcome};
use std::fmt;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Settles a message after its listener has returned: made by [`Context::defer`], `Send` and owned, so that it
/// can go to another task, thread or queue.
///
/// Until it is used the message counts as being handled: the position does not pass it, what must follow it in
/// its order waits (all of the partition unless `order_by` says otherwise), and it takes one place of
/// `concurrency`. Dropping it is a failure of the message, which the listener's failure policy decides about;
/// `timeout` ends with the method and does not limit it.
///
/// ```
/// # use millstream::prelude::*;
/// # struct Mailer { queue: tokio::sync::mpsc::Sender<(String, millstream::Deferred)> }
/// # #[consumer]
/// impl Mailer {
///     #[kafka_listener("mails", order_by = "none", concurrency = 500)]
///     async fn on_mail(&self, address: String, ctx: &Context) -> Result<()> {
///         // Whoever reads the queue calls `commit` or `fail`.
///         self.queue.send((address, ctx.defer())).await?;
///         Ok(())
///     }
/// }
/// ```
pub struct Deferred {
    lane: Arc<Lane>,
    epoch: u64,
    offset: i64,
    /// Those before it in its batch may be open still: the position is not this value's to move.
    in_batch: bool,
    answer: Option<oneshot::Sender<Outcome>>,
}

impl Deferred {
    /// The topic of the message.
    pub fn topic(&self) -> &str {
        &self.lane.topic
    }

    /// Its partition.
    pub fn partition(&self) -> i32 {
        self.lane.partition
    }

    /// Its offset.
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// Settles the message, as [`Context::commit`] does.
    ///
    /// It is refused with `CommitErrorKind::Revoked` when the message is no longer this value's to settle: the partition
    /// was taken away, the listener was moved, its method failed or called another verb after it had deferred.
    ///
    /// In a batch that keeps the order of its partition the position follows once every message of it that was deferred is
    /// settled: what is awaited here is answered at once then, with [`Carried::Memory`](crate::Carried::Memory).
    pub fn commit(mut self) -> Commit {
        if self.answer.as_ref().is_none_or(oneshot::Sender::is_closed) {
            return Commit::failed(CommitError::revoked());
        }
        let commit = if self.in_batch {
            self.lane.settled_in_batch(self.epoch, self.offset.saturating_add(1))
        } else {
            self.lane.commit(self.epoch, self.offset.saturating_add(1))
        };
        self.say(Ok(()));
        commit
    }

    /// The message was not handled: the listener's failure policy decides what follows.
    pub fn fail(mut self, error: impl Into<Error>) {
        self.say(Err(Box::new(Failure::Error(error.into()))));
    }

    fn say(&mut self, outcome: Outcome) {
        if let Some(answer) = self.answer.take() {
            // Nobody listens any more when the partition was taken away.
            drop(answer.send(outcome));
        }
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Deferred({:?} at {})", self.lane, self.offset)
    }
}

impl Context {
    /// Leaves settling this message to whoever holds what is returned, after the listener has returned `Ok`. What a
    /// listener with `reply` has returned is sent after that. An
    /// error or a panic of the listener afterwards counts instead. Called again, only the last one counts.
    pub fn defer(&self) -> Deferred {
        let (answer, outcome) = oneshot::channel();
        self.verb.defer();
        *self.deferred.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(outcome);
        let (lane, epoch, offset) = (Arc::clone(&self.lane), self.epoch, self.offset());
        Deferred { lane, epoch, offset, in_batch: self.in_batch, answer: Some(answer) }
    }

    /// Whoever was to settle the message no longer is.
    pub(crate) fn forget_deferred(&mut self) {
        *self.deferred.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// What became of a message that was deferred.
    pub(crate) async fn deferred(&self) -> Outcome {
        let answer = self.deferred.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        match answer {
            Some(answer) => answer.await.unwrap_or_else(|_| Err(Box::new(Failure::Dropped))),
            None => Err(Box::new(Failure::Dropped)),
        }
    }
}
