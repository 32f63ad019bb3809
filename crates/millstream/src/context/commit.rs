//! The answer to a commit verb.

use crate::blocking::block_on;
use crate::engine::lane::{Lane, Ticket};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use tokio::sync::oneshot;

/// What a commit verb returns. The verb has taken effect already; awaiting this tells the broker's answer,
/// dropping it changes nothing.
///
/// Awaiting is cancel safe: a dropped future only stops listening to the answer.
pub struct Commit {
    state: State,
}

enum State {
    Refused(CommitError),
    Recorded(CommitReceipt),
    Issued { lane: Arc<Lane>, ticket: Ticket },
}

/// What the broker acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitReceipt {
    /// The group's position that the broker holds now for the partition.
    pub position: i64,
    /// Where the broker holds what was asked for.
    pub carried: Carried,
}

/// Where the broker holds what was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The position itself says it.
    Position,
    /// Another listener of the group, or an earlier message of the partition, is not done, so that the position
    /// must wait for it: the metadata of the position says that this one is, and a restart passes over it.
    Metadata,
    /// Only this process knows: the position must wait, and the metadata had no room.
    Memory,
}

/// Why a commit did not reach the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitError {
    kind: CommitErrorKind,
    message: String,
}

/// The kinds of [`CommitError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommitErrorKind {
    /// The partition was taken away, or the position was moved since: whoever owns it now decides. If it
    /// was being taken away just then, the position may have been stored all the same.
    Revoked,
    /// The offset is beyond the next message: those between have not been handled.
    NotHandled,
    /// The offset cannot be one.
    InvalidOffset,
    /// The broker refused for good.
    Broker,
    /// The application has ended.
    Closed,
}

impl CommitError {
    /// Which kind it is.
    pub fn kind(&self) -> CommitErrorKind {
        self.kind
    }

    pub(crate) fn revoked() -> Self {
        Self {
            kind: CommitErrorKind::Revoked,
            message: "the partition is no longer this handler's: it was revoked, or the listener was moved to another offset; the message comes again where it now belongs".into(),
        }
    }

    pub(crate) fn not_handled(offset: i64, next: i64) -> Self {
        Self {
            kind: CommitErrorKind::NotHandled,
            message: format!(
                "cannot commit offset {offset}: message {next} is the first that has not been handled; to move on without handling messages use `seek({offset})`"
            ),
        }
    }

    pub(crate) fn other_lane(offset: i64, own: i64) -> Self {
        Self {
            kind: CommitErrorKind::InvalidOffset,
            message: format!(
                "cannot go back to offset {offset}: with `order_by = \"key\"` or `\"none\"` only the message in hand, {own}, can be taken back; to read others again use `seek({offset})`"
            ),
        }
    }

    pub(crate) fn beyond_batch(index: usize, length: usize) -> Self {
        Self {
            kind: CommitErrorKind::InvalidOffset,
            message: format!(
                "cannot commit through message {index} of a batch of {length}: indices go from 0 to {}",
                length.saturating_sub(1)
            ),
        }
    }

    pub(crate) fn negative(offset: i64) -> Self {
        Self {
            kind: CommitErrorKind::InvalidOffset,
            message: format!("cannot commit offset {offset}: offsets start at 0"),
        }
    }

    pub(crate) fn broker(reason: impl fmt::Display) -> Self {
        Self { kind: CommitErrorKind::Broker, message: format!("the broker refused the position: {reason}") }
    }

    pub(crate) fn closed() -> Self {
        Self { kind: CommitErrorKind::Closed, message: "the application has ended".into() }
    }
}

impl fmt::Display for CommitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for CommitError {}

/// What a commit is answered with.
pub(crate) type CommitAnswer = Result<CommitReceipt, CommitError>;

impl Commit {
    pub(crate) fn failed(error: CommitError) -> Self {
        Self { state: State::Refused(error) }
    }

    pub(crate) fn recorded(position: i64) -> Self {
        Self { state: State::Recorded(CommitReceipt { position, carried: Carried::Position }) }
    }

    /// Only this process knows of it: the position is there still.
    pub(crate) fn in_memory(position: i64) -> Self {
        Self { state: State::Recorded(CommitReceipt { position, carried: Carried::Memory }) }
    }

    pub(crate) fn issued(lane: Arc<Lane>, ticket: Ticket) -> Self {
        Self { state: State::Issued { lane, ticket } }
    }

    /// Blocks the thread until the broker's answer, for code that is not async. In async code await the
    /// commit instead, as the thread is needed by others.
    pub fn wait(self) -> CommitAnswer {
        block_on(self.into_future())
    }
}

impl fmt::Debug for Commit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Refused(error) => write!(formatter, "Commit(refused: {error})"),
            State::Recorded(receipt) => write!(formatter, "Commit({receipt:?})"),
            State::Issued { ticket, .. } => write!(formatter, "Commit(issued as {})", ticket.number),
        }
    }
}

impl IntoFuture for Commit {
    type Output = CommitAnswer;
    type IntoFuture = CommitFuture;

    fn into_future(self) -> CommitFuture {
        CommitFuture {
            answer: match self.state {
                State::Refused(error) => Answer::Known(Some(Err(error))),
                State::Recorded(receipt) => Answer::Known(Some(Ok(receipt))),
                State::Issued { lane, ticket } => Answer::Asked(lane.answer(ticket)),
            },
        }
    }
}

/// Waits for the broker's answer to a commit.
pub struct CommitFuture {
    answer: Answer,
}

enum Answer {
    Known(Option<CommitAnswer>),
    Asked(oneshot::Receiver<CommitAnswer>),
}

impl fmt::Debug for CommitFuture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CommitFuture")
    }
}

impl Future for CommitFuture {
    type Output = CommitAnswer;

    fn poll(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<CommitAnswer> {
        match &mut self.get_mut().answer {
            Answer::Known(answer) => Poll::Ready(answer.take().unwrap_or_else(|| Err(CommitError::closed()))),
            Answer::Asked(receiver) => {
                Pin::new(receiver).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(CommitError::closed())))
            }
        }
    }
}
