//! How the handling of a batch ended.

use crate::error::{Error, Result};
use crate::extract::ExtractError;
use crate::listener::Failure;
use std::fmt;

/// How the handling of a batch ended: all of it done, or which messages failed.
///
/// ```
/// use millstream::prelude::*;
/// use millstream::{Batch, BatchOutcome};
///
/// async fn on_lines(lines: Batch<'_, String>) -> BatchOutcome {
///     for (index, line) in lines.iter().enumerate() {
///         if let Err(error) = line.value().parse::<u64>() {
///             return BatchOutcome::failed_at(index, error);
///         }
///     }
///     BatchOutcome::done()
/// }
/// ```
///
/// In a batch that keeps the order of its partitions (the default) everything before the first failure is settled,
/// the failed message goes the way of the listener's failure policy, and it and what follows it come again: the next
/// batch of the partition begins with it, or behind it if the policy was done with it. With messages of several
/// partitions, those behind the failure come again whatever their partition.
///
/// With `order_by = "key"` or `"none"` messages stand for themselves: [`failed`](Self::failed) names all that failed,
/// and the others are settled.
#[derive(Debug)]
pub struct BatchOutcome {
    returned: Returned,
}

/// See [`BatchOutcome`].
#[derive(Debug)]
pub(crate) enum Returned {
    Done,
    /// These failed; at least one.
    Failed(Vec<(usize, Failure)>),
    /// Something failed, and nobody said which message.
    Unnamed(Box<Failure>),
    /// These did not decode, so that the method was not called.
    Undecoded(Vec<(usize, ExtractError)>),
}

impl BatchOutcome {
    /// Every message is handled.
    pub fn done() -> Self {
        Self { returned: Returned::Done }
    }

    /// The message at this index failed, from 0; those before it are handled, those behind it are not. An index
    /// beyond the batch fails it as a whole, as an error does that names no message.
    pub fn failed_at(index: usize, error: impl Into<Error>) -> Self {
        Self { returned: Returned::Failed(vec![(index, Failure::Error(error.into()))]) }
    }

    /// These messages failed, and all others are handled: for `order_by = "key"` and `"none"`. Where the order of a
    /// partition is kept, the first of them counts as with [`failed_at`](Self::failed_at). An empty list is
    /// [`done`](Self::done).
    pub fn failed(failures: impl IntoIterator<Item = (usize, Error)>) -> Self {
        let failures: Vec<_> = failures.into_iter().map(|(index, error)| (index, Failure::Error(error))).collect();
        if failures.is_empty() { Self::done() } else { Self { returned: Returned::Failed(failures) } }
    }

    /// The indices of the messages that failed, as they were given; nothing after [`done`](Self::done), and after an
    /// error that names no message.
    pub fn failed_indices(&self) -> Vec<usize> {
        match &self.returned {
            Returned::Done | Returned::Unnamed(_) => Vec::new(),
            Returned::Failed(failures) => failures.iter().map(|(index, _)| *index).collect(),
            Returned::Undecoded(failures) => failures.iter().map(|(index, _)| *index).collect(),
        }
    }

    /// Whether every message is handled.
    pub fn is_done(&self) -> bool {
        matches!(self.returned, Returned::Done)
    }

    pub(crate) fn unnamed(failure: Failure) -> Self {
        Self { returned: Returned::Unnamed(Box::new(failure)) }
    }

    pub(crate) fn undecoded(failures: Vec<(usize, ExtractError)>) -> Self {
        Self { returned: Returned::Undecoded(failures) }
    }

    /// What was returned about a batch of so many messages: every index is below, ascending, and stands there once.
    pub(crate) fn into_returned(self, length: usize) -> Returned {
        match self.returned {
            Returned::Failed(mut failures) => {
                if let Some((index, _)) = failures.iter().find(|(index, _)| *index >= length) {
                    return Returned::Unnamed(Box::new(Failure::Error(Error::new(format!(
                        "the outcome names message {index} of a batch of {length}: indices go from 0 to {}",
                        length.saturating_sub(1)
                    )))));
                }
                failures.sort_by_key(|(index, _)| *index);
                failures.dedup_by_key(|(index, _)| *index);
                if failures.is_empty() { Returned::Done } else { Returned::Failed(failures) }
            }
            Returned::Undecoded(mut failures) => {
                failures.retain(|(index, _)| *index < length);
                failures.sort_by_key(|(index, _)| *index);
                failures.dedup_by_key(|(index, _)| *index);
                if failures.is_empty() {
                    let text = "an extractor refused the batch and named none of its messages";
                    return Returned::Unnamed(Box::new(Failure::Error(Error::new(text))));
                }
                Returned::Undecoded(failures)
            }
            other => other,
        }
    }
}

impl fmt::Display for BatchOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.returned {
            Returned::Done => write!(formatter, "done"),
            Returned::Unnamed(failure) => write!(formatter, "failed: {failure}"),
            Returned::Failed(failures) => list(formatter, failures),
            Returned::Undecoded(failures) => list(formatter, failures),
        }
    }
}

fn list(formatter: &mut fmt::Formatter<'_>, failures: &[(usize, impl fmt::Display)]) -> fmt::Result {
    write!(formatter, "failed")?;
    for (number, (index, failure)) in failures.iter().enumerate() {
        let separator = if number == 0 { " at" } else { ", at" };
        write!(formatter, "{separator} {index}: {failure}")?;
    }
    Ok(())
}

/// What a listener that takes batches may return: `()`, a `Result` whose error converts into [`Error`], or a
/// [`BatchOutcome`], or a `Result` of one.
///
/// An error names no message, so that nothing of the batch is settled that was not committed: its messages come again
/// one at a time, and one that fails alone goes the way of the failure policy. [`BatchOutcome::failed_at`] says which
/// message it was at once.
#[diagnostic::on_unimplemented(
    message = "a listener that takes batches cannot return `{Self}`",
    label = "not `()`, `Result<(), E>`, `BatchOutcome` or `Result<BatchOutcome, E>`",
    note = "the error `E` converts into `millstream::Error` (every error does)"
)]
pub trait IntoBatchOutcome {
    /// The outcome.
    fn into_batch_outcome(self) -> BatchOutcome;
}

impl IntoBatchOutcome for () {
    fn into_batch_outcome(self) -> BatchOutcome {
        BatchOutcome::done()
    }
}

impl IntoBatchOutcome for BatchOutcome {
    fn into_batch_outcome(self) -> BatchOutcome {
        self
    }
}

impl<T: IntoBatchOutcome, E: Into<Error>> IntoBatchOutcome for Result<T, E> {
    fn into_batch_outcome(self) -> BatchOutcome {
        match self {
            Ok(outcome) => outcome.into_batch_outcome(),
            Err(error) => BatchOutcome::unnamed(Failure::Error(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_come_in_the_order_of_the_messages_and_once_each() {
        let outcome = BatchOutcome::failed([3, 1, 3].map(|index| (index, Error::new(format!("no {index}")))));
        assert_eq!(outcome.failed_indices(), [3, 1, 3]);
        let Returned::Failed(failures) = outcome.into_returned(4) else { panic!("it failed") };
        assert_eq!(failures.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn an_index_beyond_the_batch_names_no_message() {
        let Returned::Unnamed(failure) = BatchOutcome::failed_at(2, "x").into_returned(2) else { panic!("it failed") };
        assert_eq!(failure.to_string(), "the outcome names message 2 of a batch of 2: indices go from 0 to 1");
    }

    #[test]
    fn whatever_a_listener_returns_becomes_an_outcome() {
        assert!(().into_batch_outcome().is_done());
        assert!(Ok::<(), Error>(()).into_batch_outcome().is_done());
        assert!(Ok::<_, Error>(BatchOutcome::done()).into_batch_outcome().is_done());
        let outcome = Ok::<_, Error>(BatchOutcome::failed_at(1, "x")).into_batch_outcome();
        assert_eq!(outcome.to_string(), "failed at 1: x");
        let outcome = Err::<(), _>(Error::new("x")).into_batch_outcome();
        assert_eq!((outcome.is_done(), outcome.to_string()), (false, "failed: x".to_owned()));
        assert!(BatchOutcome::failed([]).is_done());
    }
}
