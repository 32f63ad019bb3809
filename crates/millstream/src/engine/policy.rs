//! What follows a handler's return: one pure decision.

use super::lane::Called;
use crate::listener::Failure;
use crate::plan::{Backoff, FailurePlan, OnFailure, Retries};
use std::time::Duration;

/// How a handler returned, as far as the decision depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    /// `Ok`.
    Ok,
    /// An error, panic or timeout that a retry may mend.
    Failed,
    /// An error that no retry mends, or a payload that does not decode.
    FailedForGood,
}

/// What the driver does next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// The message is settled; go on.
    Settle,
    /// The message is settled, and its handler's failure is only reported.
    SettleAndReport,
    /// Nothing is settled; go on (a listener that commits by hand and did not).
    ReadOn,
    /// Deliver this offset and what follows again, after the wait.
    Retry {
        /// Where to go back to.
        offset: i64,
        /// How long to wait.
        after: Duration,
    },
    /// The retries are used up.
    Last(OnFailure),
}

/// One message's handling, as far as the decision depends on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Handling {
    /// The message.
    pub(crate) offset: i64,
    /// The verb called last.
    pub(crate) called: Called,
    /// How the handler returned.
    pub(crate) returned: Returned,
    /// Which attempt it was, from 1.
    pub(crate) attempt: u32,
    /// Whether the listener commits by itself.
    pub(crate) auto_commit: bool,
}

/// How a handler returned that did not succeed.
pub(crate) fn returned(failure: &Failure) -> Returned {
    match failure {
        Failure::Rewind => Returned::Ok,
        failure if failure.is_terminal() => Returned::FailedForGood,
        _ => Returned::Failed,
    }
}

/// Decides; `chance` is a random number from 0 to 1 for the jitter.
pub(crate) fn decide(handling: Handling, plan: &FailurePlan, chance: f64) -> Step {
    match (handling.called, handling.returned) {
        (Called::Commit | Called::Defer, Returned::Ok) => Step::Settle,
        (Called::Commit, _) => Step::SettleAndReport,
        (Called::Nothing, Returned::Ok) if handling.auto_commit => Step::Settle,
        (Called::Nothing, Returned::Ok) => Step::ReadOn,
        (_, Returned::FailedForGood) => Step::Last(plan.on_failure),
        (called, Returned::Ok | Returned::Failed) => {
            if !may_retry(plan.retries, handling.attempt) {
                return Step::Last(plan.on_failure);
            }
            let offset = match called {
                Called::Rewind(offset) => offset,
                Called::Nothing | Called::Commit | Called::Defer => handling.offset,
            };
            Step::Retry { offset, after: wait(plan.backoff, handling.attempt, chance) }
        }
    }
}

fn may_retry(retries: Retries, attempt: u32) -> bool {
    match retries {
        Retries::Forever => true,
        Retries::Count(count) => attempt <= count,
    }
}

/// The wait after the given attempt: exponential, capped, and varied by the jitter on both sides.
fn wait(backoff: Backoff, attempt: u32, chance: f64) -> Duration {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let seconds = backoff.initial.as_secs_f64() * backoff.factor.max(1.0).powi(exponent);
    let capped = seconds.min(backoff.max.as_secs_f64());
    let varied = capped * (1.0 + backoff.jitter.clamp(0.0, 1.0) * (2.0 * chance - 1.0));
    Duration::try_from_secs_f64(varied.min(backoff.max.as_secs_f64())).unwrap_or(backoff.max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(retries: Retries, on_failure: OnFailure) -> FailurePlan {
        let backoff =
            Backoff { initial: Duration::from_millis(100), max: Duration::from_secs(1), factor: 2.0, jitter: 0.0 };
        FailurePlan::plain(retries, backoff, on_failure)
    }

    fn handling(called: Called, returned: Returned, attempt: u32, auto_commit: bool) -> Handling {
        Handling { offset: 7, called, returned, attempt, auto_commit }
    }

    #[test]
    fn every_row_of_the_commit_table() {
        use Called::{Commit, Nothing, Rewind};
        use Returned::{Failed, FailedForGood, Ok};

        let once = plan(Retries::Count(1), OnFailure::Pause);
        let again = Step::Retry { offset: 7, after: Duration::from_millis(100) };
        let back = Step::Retry { offset: 5, after: Duration::from_millis(100) };
        let pause = Step::Last(OnFailure::Pause);
        // (verb, returned, attempt) -> (auto, manual)
        let rows = [
            (Nothing, Ok, 1, Step::Settle, Step::ReadOn),
            (Nothing, Failed, 1, again, again),
            (Nothing, Failed, 2, pause, pause),
            (Nothing, FailedForGood, 1, pause, pause),
            (Commit, Ok, 1, Step::Settle, Step::Settle),
            (Commit, Failed, 1, Step::SettleAndReport, Step::SettleAndReport),
            (Commit, FailedForGood, 9, Step::SettleAndReport, Step::SettleAndReport),
            (Rewind(7), Ok, 1, again, again),
            (Rewind(5), Ok, 1, back, back),
            (Rewind(5), Failed, 1, back, back),
            (Rewind(7), Ok, 2, pause, pause),
            (Rewind(7), FailedForGood, 1, pause, pause),
        ];
        for (called, returned, attempt, auto, manual) in rows {
            let decided = |mode| decide(handling(called, returned, attempt, mode), &once, 0.5);
            assert_eq!(decided(true), auto, "auto: {called:?} {returned:?} attempt {attempt}");
            assert_eq!(decided(false), manual, "manual: {called:?} {returned:?} attempt {attempt}");
        }
    }

    #[test]
    fn one_retry_means_exactly_two_runs() {
        let once = plan(Retries::Count(1), OnFailure::Stop);
        let step = |attempt| decide(handling(Called::Rewind(7), Returned::Ok, attempt, false), &once, 0.5);
        assert!(matches!(step(1), Step::Retry { .. }));
        assert_eq!(step(2), Step::Last(OnFailure::Stop));
    }

    #[test]
    fn forever_never_reaches_the_last_step() {
        let forever = plan(Retries::Forever, OnFailure::Stop);
        let step = decide(handling(Called::Nothing, Returned::Failed, u32::MAX, true), &forever, 1.0);
        assert_eq!(step, Step::Retry { offset: 7, after: Duration::from_secs(1) });
    }

    #[test]
    fn waits_grow_to_the_cap_and_vary_by_the_jitter_without_passing_it() {
        let mut backoff = plan(Retries::Forever, OnFailure::Pause).backoff;
        let waits: Vec<_> = (1..=5).map(|attempt| wait(backoff, attempt, 0.5).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000]);
        backoff.jitter = 0.5;
        assert_eq!(wait(backoff, 1, 0.0).as_millis(), 50);
        assert_eq!(wait(backoff, 1, 1.0).as_millis(), 150);
        assert_eq!(wait(backoff, 9, 1.0).as_millis(), 1000);
    }
}
