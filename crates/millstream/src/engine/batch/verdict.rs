//! What became of the messages of a batch that is settled in its order: a pure decision.

use crate::batch::Returned;
use crate::listener::Failure;

/// The verbs that were called for a batch, or for messages of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Verbs {
    /// So many messages, from the first on, were committed.
    pub(crate) committed: usize,
    /// The message at this index moved back to this offset, and nothing was called since.
    pub(crate) rewind: Option<(usize, i64)>,
}

/// What to do.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// So many messages, from the first on, are passed.
    pub(crate) passed: usize,
    /// Messages failed that had been committed: that is only reported.
    pub(crate) reported: Option<Failure>,
    pub(crate) then: Then,
}

/// What follows the messages that are passed.
#[derive(Debug)]
pub(crate) enum Then {
    /// Nothing: all are.
    GoOn,
    /// The next one failed.
    Failed(Failure),
    /// One of the rest failed, and nobody said which: they come again one at a time.
    Alone(Failure),
    /// They were not tried, and come again.
    Again,
}

/// Decides about a batch of so many messages.
pub(crate) fn decide(length: usize, returned: Returned, verbs: Verbs) -> Verdict {
    let committed = verbs.committed.min(length);
    let named = match returned {
        Returned::Done => None,
        Returned::Failed(failures) => failures.into_iter().next(),
        Returned::Undecoded(failures) => {
            failures.into_iter().next().map(|(index, error)| (index, Failure::Extract(error)))
        }
        Returned::Unnamed(failure) if length.saturating_sub(committed) > 1 => {
            return Verdict { passed: committed, reported: None, then: Then::Alone(*failure) };
        }
        // There is only one that it can be.
        Returned::Unnamed(failure) => Some((committed.min(length.saturating_sub(1)), *failure)),
    };
    let (index, failure) = match (named, verbs.rewind) {
        (Some((index, failure)), Some((moved, _))) if index < moved => (index, failure),
        (named, Some((moved, _))) => {
            // A failure of the same message is the reason; the verb says where to go.
            (moved, named.filter(|(index, _)| *index == moved).map_or(Failure::Rewind, |(_, failure)| failure))
        }
        (Some(named), None) => named,
        (None, None) => return Verdict { passed: length, reported: None, then: Then::GoOn },
    };
    if index >= committed {
        return Verdict { passed: index, reported: None, then: Then::Failed(failure) };
    }
    let then = if committed == length { Then::GoOn } else { Then::Again };
    Verdict { passed: committed, reported: Some(failure), then }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(indices: &[usize]) -> Returned {
        Returned::Failed(indices.iter().map(|index| (*index, Failure::Panic(format!("{index}")))).collect())
    }

    fn unnamed() -> Returned {
        Returned::Unnamed(Box::new(Failure::Panic("unnamed".into())))
    }

    fn verdict(returned: Returned, committed: usize, rewind: Option<(usize, i64)>) -> (usize, Option<String>, String) {
        let Verdict { passed, reported, then } = decide(5, returned, Verbs { committed, rewind });
        let then = match then {
            Then::GoOn => "go on".to_owned(),
            Then::Failed(failure) => format!("failed: {failure}"),
            Then::Alone(failure) => format!("alone: {failure}"),
            Then::Again => "again".to_owned(),
        };
        (passed, reported.map(|failure| failure.to_string()), then)
    }

    #[test]
    fn every_outcome_with_and_without_a_commit() {
        let panicked = |name: &str| format!("the handler panicked: {name}");
        let rows = [
            // (returned, committed) -> (passed, reported, then)
            (Returned::Done, 0, (5, None, "go on".to_owned())),
            (Returned::Done, 3, (5, None, "go on".to_owned())),
            (failed(&[2]), 0, (2, None, format!("failed: {}", panicked("2")))),
            (failed(&[2, 4]), 0, (2, None, format!("failed: {}", panicked("2")))),
            (failed(&[2]), 2, (2, None, format!("failed: {}", panicked("2")))),
            (failed(&[2]), 3, (3, Some(panicked("2")), "again".to_owned())),
            (failed(&[2]), 5, (5, Some(panicked("2")), "go on".to_owned())),
            (unnamed(), 0, (0, None, format!("alone: {}", panicked("unnamed")))),
            (unnamed(), 3, (3, None, format!("alone: {}", panicked("unnamed")))),
            (unnamed(), 4, (4, None, format!("failed: {}", panicked("unnamed")))),
            (unnamed(), 5, (5, Some(panicked("unnamed")), "go on".to_owned())),
        ];
        for (returned, committed, expected) in rows {
            let shown = format!("{returned:?} committed {committed}");
            assert_eq!(verdict(returned, committed, None), expected, "{shown}");
        }
    }

    #[test]
    fn a_rewind_is_the_failure_of_the_message_that_called_it() {
        let back = "failed: the handler moved its position back".to_owned();
        assert_eq!(verdict(Returned::Done, 0, Some((3, 7))), (3, None, back.clone()));
        assert_eq!(verdict(failed(&[4]), 0, Some((3, 7))), (3, None, back));
        assert_eq!(verdict(failed(&[3]), 0, Some((3, 7))), (3, None, "failed: the handler panicked: 3".into()));
        assert_eq!(verdict(failed(&[1]), 0, Some((3, 7))), (1, None, "failed: the handler panicked: 1".into()));
    }

    #[test]
    fn a_batch_of_one_fails_by_its_name() {
        let verdict = decide(1, unnamed(), Verbs::default());
        assert!(matches!((verdict.passed, verdict.then), (0, Then::Failed(_))));
    }
}
