//! What became of a batch with messages of several partitions: a pure decision for each.

use super::verdict::{Then, Verbs, Verdict, decide};
use crate::batch::Returned;
use crate::error::Error;
use crate::listener::Failure;

/// Decides for each partition of a batch; `shares` are how many messages each has, in the order of the batch, and the
/// verbs that were called for them.
///
/// What stands behind a failed message was not handled, whatever its partition: it comes again without having failed.
pub(crate) fn decide_across(shares: &[(usize, Verbs)], returned: Returned) -> Vec<Verdict> {
    let (failed, failure) = match returned {
        Returned::Done => return shares.iter().map(|share| handled(*share)).collect(),
        Returned::Failed(failures) => match failures.into_iter().next() {
            Some(first) => first,
            None => return shares.iter().map(|share| handled(*share)).collect(),
        },
        Returned::Undecoded(failures) => match failures.into_iter().next() {
            Some((index, error)) => (index, Failure::Extract(error)),
            None => return shares.iter().map(|share| handled(*share)).collect(),
        },
        Returned::Unnamed(failure) => match only_open(shares) {
            Some(index) => (index, *failure),
            None => return alone(shares, *failure),
        },
    };
    let mut failure = Some(failure);
    let mut start = 0;
    let mut verdicts = Vec::with_capacity(shares.len());
    for share in shares {
        let (length, verbs) = *share;
        let end = start + length;
        let own = if (start..end).contains(&failed) { failure.take() } else { None };
        verdicts.push(match own {
            Some(failure) => decide(length, Returned::Failed(vec![(failed - start, failure)]), verbs),
            None if end <= failed => handled(*share),
            None => not_tried(*share),
        });
        start = end;
    }
    verdicts
}

/// The message that it must have been: the only one that was not committed, or the last if all were.
fn only_open(shares: &[(usize, Verbs)]) -> Option<usize> {
    let mut start = 0;
    let mut open = None;
    for (length, verbs) in shares {
        let committed = verbs.committed.min(*length);
        match length - committed {
            0 => {}
            1 if open.is_none() => open = Some(start + committed),
            _ => return None,
        }
        start += length;
    }
    Some(open.unwrap_or(start.saturating_sub(1)))
}

fn handled((length, verbs): (usize, Verbs)) -> Verdict {
    decide(length, Returned::Done, verbs)
}

fn not_tried((length, verbs): (usize, Verbs)) -> Verdict {
    if verbs.rewind.is_some() {
        // The verb says where it goes on, whatever was handled.
        return handled((length, verbs));
    }
    let passed = verbs.committed.min(length);
    let then = if length > 0 && passed == length { Then::GoOn } else { Then::Again };
    Verdict { passed, reported: None, then }
}

/// Nobody said which message it was: those of each partition come one at a time.
fn alone(shares: &[(usize, Verbs)], failure: Failure) -> Vec<Verdict> {
    let text = failure.to_string();
    let mut failure = Some(failure);
    let verdict = |(length, verbs): &(usize, Verbs)| {
        let passed = verbs.committed.min(*length);
        let then = match length - passed {
            0 => Then::GoOn,
            _ => Then::Alone(failure.take().unwrap_or_else(|| Failure::Error(Error::new(text.clone())))),
        };
        Verdict { passed, reported: None, then }
    };
    shares.iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(index: usize) -> Returned {
        Returned::Failed(vec![(index, Failure::Panic("x".into()))])
    }

    fn unnamed() -> Returned {
        Returned::Unnamed(Box::new(Failure::Panic("x".into())))
    }

    /// Three partitions with three messages each; so many of each were committed.
    fn verdicts(returned: Returned, committed: [usize; 3]) -> Vec<(usize, &'static str)> {
        verdicts_of(&committed.map(|committed| (3, Verbs { committed, rewind: None })), returned)
    }

    fn verdicts_of(shares: &[(usize, Verbs)], returned: Returned) -> Vec<(usize, &'static str)> {
        let verdicts = decide_across(shares, returned).into_iter().map(|verdict| {
            let then = match verdict.then {
                Then::GoOn if verdict.reported.is_some() => "reported, go on",
                Then::GoOn => "go on",
                Then::Failed(Failure::Rewind) => "moved",
                Then::Failed(_) => "failed",
                Then::Alone(_) => "alone",
                Then::Again if verdict.reported.is_some() => "reported, again",
                Then::Again => "again",
            };
            (verdict.passed, then)
        });
        verdicts.collect()
    }

    #[test]
    fn a_batch_that_is_done_is_done_for_every_partition() {
        assert_eq!(verdicts(Returned::Done, [0, 2, 3]), [(3, "go on"), (3, "go on"), (3, "go on")]);
    }

    #[test]
    fn a_failure_settles_what_stands_before_it_whatever_the_partition() {
        assert_eq!(verdicts(failed(0), [0; 3]), [(0, "failed"), (0, "again"), (0, "again")]);
        assert_eq!(verdicts(failed(4), [0; 3]), [(3, "go on"), (1, "failed"), (0, "again")]);
        assert_eq!(verdicts(failed(8), [0; 3]), [(3, "go on"), (3, "go on"), (2, "failed")]);
    }

    #[test]
    fn what_was_committed_is_passed_behind_a_failure_too() {
        assert_eq!(verdicts(failed(1), [0, 2, 3]), [(1, "failed"), (2, "again"), (3, "go on")]);
        assert_eq!(verdicts(failed(4), [0, 2, 0]), [(3, "go on"), (2, "reported, again"), (0, "again")]);
        assert_eq!(verdicts(failed(4), [0, 3, 0]), [(3, "go on"), (3, "reported, go on"), (0, "again")]);
    }

    #[test]
    fn a_failure_that_names_no_message_sends_what_is_open_through_alone() {
        assert_eq!(verdicts(unnamed(), [0; 3]), [(0, "alone"), (0, "alone"), (0, "alone")]);
        assert_eq!(verdicts(unnamed(), [3, 2, 2]), [(3, "go on"), (2, "alone"), (2, "alone")]);
    }

    #[test]
    fn a_failure_that_names_no_message_is_that_of_the_only_one_that_is_open() {
        assert_eq!(verdicts(unnamed(), [3, 2, 3]), [(3, "go on"), (2, "failed"), (3, "go on")]);
        assert_eq!(verdicts(unnamed(), [3, 3, 3]), [(3, "go on"), (3, "go on"), (3, "reported, go on")]);
    }

    #[test]
    fn a_message_that_moves_back_moves_its_own_partition_only() {
        let moved = Verbs { committed: 0, rewind: Some((1, 40)) };
        let still = Verbs::default();
        let shares = [(3, still), (3, moved), (3, still)];
        assert_eq!(verdicts_of(&shares, Returned::Done), [(3, "go on"), (1, "moved"), (3, "go on")]);
        assert_eq!(verdicts_of(&shares, failed(0)), [(0, "failed"), (1, "moved"), (0, "again")]);
    }

    #[test]
    fn a_partition_that_was_cut_off_comes_again() {
        let shares = [(2, Verbs::default()), (0, Verbs::default())];
        assert_eq!(verdicts_of(&shares, Returned::Done), [(2, "go on"), (0, "go on")]);
        assert_eq!(verdicts_of(&shares, failed(1)), [(1, "failed"), (0, "again")]);
    }
}
