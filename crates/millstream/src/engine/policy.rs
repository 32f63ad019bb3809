//! What follows a handler's return: one pure decision.

use super::lane::Called;
use crate::listener::Failure;
use crate::plan::{Backoff, Classification, FailurePlan, OnFailure, Retries};
use std::error::Error;
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
    /// The message goes to the retry topic of this number, from 0, and is settled when it is there.
    RetryTopic {
        /// Which of the listener's retry topics.
        stage: usize,
    },
    /// The retries are used up.
    Last(OnFailure),
    /// The same, and somebody waits for an answer: that is the error, and with it the message is settled.
    Answer(OnFailure),
    /// The message is settled; its handler's failure is the answer to who waits for one.
    ReportAndAnswer,
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
    /// From which of the listener's retry topics it came; `None` is the topic that the listener names.
    pub(crate) stage: Option<usize>,
    /// How long ago its first attempt failed.
    pub(crate) elapsed: Duration,
    /// Whether others of its partition go their own way, so that nothing but the message itself can come again.
    pub(crate) alone: bool,
    /// Whether somebody waits for an answer.
    pub(crate) owed: bool,
}

/// How a handler returned that did not succeed.
pub(crate) fn returned(failure: &Failure, classification: &Classification) -> Returned {
    match failure {
        Failure::Rewind => Returned::Ok,
        failure if failure.is_terminal() => Returned::FailedForGood,
        Failure::Error(error) if !is_worth_a_retry(error.as_source(), classification) => Returned::FailedForGood,
        _ => Returned::Failed,
    }
}

/// Whether the listener's predicates let an error be tried again; each of its causes counts like itself.
fn is_worth_a_retry(error: &(dyn Error + 'static), classification: &Classification) -> bool {
    let matches = |test: fn(&(dyn Error + 'static)) -> bool| {
        std::iter::successors(Some(error), |error| Error::source(*error)).any(test)
    };
    !classification.terminal.is_some_and(matches) && classification.retry_on.is_none_or(matches)
}

/// Decides; `chance` is a random number from 0 to 1 for the jitter.
pub(crate) fn decide(handling: Handling, plan: &FailurePlan, chance: f64) -> Step {
    match follow(handling, plan, chance) {
        Step::Last(on_failure) if handling.owed => Step::Answer(on_failure),
        Step::SettleAndReport if handling.owed => Step::ReportAndAnswer,
        step => step,
    }
}

/// The same where nobody waits for an answer.
fn follow(handling: Handling, plan: &FailurePlan, chance: f64) -> Step {
    match (handling.called, handling.returned) {
        (Called::Commit | Called::Defer, Returned::Ok) => Step::Settle,
        (Called::Commit, _) => Step::SettleAndReport,
        (Called::Nothing, Returned::Ok) if handling.auto_commit => Step::Settle,
        (Called::Nothing, Returned::Ok) => Step::ReadOn,
        (_, Returned::FailedForGood) => Step::Last(plan.on_failure),
        (called, Returned::Ok | Returned::Failed) => {
            let in_time = |after: Duration| {
                plan.deadline.is_none_or(|deadline| handling.elapsed.saturating_add(after) <= deadline)
            };
            let after = wait(plan.backoff, handling.attempt, chance);
            // What came from a retry topic waits in the next one: its lane must not be held up.
            if handling.stage.is_none() && may_retry(plan.retries, handling.attempt) && in_time(after) {
                let offset = match called {
                    Called::Rewind(offset) if !handling.alone => offset,
                    _ => handling.offset,
                };
                return Step::Retry { offset, after };
            }
            // A rewind moves the lane back; what goes to a retry topic is the message that asked for it, and it alone.
            let stage = handling.stage.map_or(0, |stage| stage.saturating_add(1));
            match plan.retry_topics.get(stage) {
                Some(delay) if in_time(*delay) => Step::RetryTopic { stage },
                _ => Step::Last(plan.on_failure),
            }
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
pub(crate) fn wait(backoff: Backoff, attempt: u32, chance: f64) -> Duration {
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
        let (stage, elapsed, alone, owed) = (None, Duration::ZERO, false, false);
        Handling { offset: 7, called, returned, attempt, auto_commit, stage, elapsed, alone, owed }
    }

    /// Every combination of verb, return, attempt, mode, stage, time, order and whoever waits, against rules written the other way round:
    /// what must hold of the answer.
    #[test]
    fn every_combination_keeps_the_rules() {
        let called = [Called::Nothing, Called::Commit, Called::Defer, Called::Rewind(7), Called::Rewind(5)];
        let returned = [Returned::Ok, Returned::Failed, Returned::FailedForGood];
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        let mut seen = 0;
        for (called, returned) in called.into_iter().flat_map(|called| returned.map(|returned| (called, returned))) {
            for bits in 0_u32..128 {
                let is = |bit: u32| bits & (1 << bit) != 0;
                for (attempt, stage) in [(1, None), (2, None), (3, Some(0)), (4, Some(1)), (4, Some(9))] {
                    let mut plan = plan(Retries::Count(1), OnFailure::DeadLetter);
                    plan.retries = if is(0) { Retries::Forever } else { Retries::Count(1) };
                    plan.retry_topics = if is(1) { vec![second, minute] } else { Vec::new() };
                    plan.deadline = is(2).then_some(Duration::from_secs(30));
                    let elapsed = if is(3) { Duration::from_secs(30) } else { Duration::ZERO };
                    let (auto_commit, alone, owed) = (is(4), is(5), is(6));
                    let handling =
                        Handling { offset: 7, called, returned, attempt, auto_commit, stage, elapsed, alone, owed };
                    let step = decide(handling, &plan, 0.5);
                    let what = format!("{handling:?} with {plan:?} became {step:?}");
                    seen += 1;

                    let failed = match (called, returned) {
                        (Called::Commit, _) | (Called::Nothing | Called::Defer, Returned::Ok) => false,
                        (Called::Rewind(_), _) | (_, Returned::Failed | Returned::FailedForGood) => true,
                    };
                    let is_failure =
                        matches!(step, Step::Retry { .. } | Step::RetryTopic { .. } | Step::Last(_) | Step::Answer(_));
                    assert_eq!(failed, is_failure, "{what}");
                    if !failed {
                        // A failure that the message no longer has is still the answer.
                        let failed_settled = called == Called::Commit && returned != Returned::Ok;
                        assert_eq!(step == Step::ReportAndAnswer, failed_settled && owed, "{what}");
                        assert_eq!(step == Step::SettleAndReport, failed_settled && !owed, "{what}");
                        continue;
                    }
                    let late = is(2) && is(3);
                    match step {
                        Step::Retry { offset, .. } => {
                            assert!(stage.is_none() && !late && returned != Returned::FailedForGood, "{what}");
                            assert!(is(0) || attempt <= 1, "{what}");
                            let back = matches!(called, Called::Rewind(5)) && !alone;
                            assert_eq!(offset, if back { 5 } else { 7 }, "{what}");
                        }
                        Step::RetryTopic { stage: next } => {
                            assert!(is(1) && !late && returned != Returned::FailedForGood, "{what}");
                            assert!(stage.is_some() || (!is(0) && attempt > 1), "{what}");
                            assert_eq!(next, stage.map_or(0, |stage| stage + 1), "{what}");
                            // The second waits a minute, which is beyond the deadline.
                            assert!(next == 0 || (next == 1 && !is(2)), "{what}");
                        }
                        _ => {
                            let retried = stage.is_none() && (is(0) || attempt <= 1) && !late;
                            let next = stage.map_or(0, |stage| stage + 1);
                            let delayed = is(1) && !late && (next == 0 || (next == 1 && !is(2)));
                            assert!(returned == Returned::FailedForGood || !(retried || delayed), "{what}");
                            // Nobody who waits is told before that.
                            let last = if owed { Step::Answer } else { Step::Last };
                            assert_eq!(step, last(OnFailure::DeadLetter), "{what}");
                        }
                    }
                }
            }
        }
        assert_eq!(seen, 15 * 128 * 5);
    }

    #[test]
    fn an_error_is_classified_by_itself_and_by_each_of_its_causes_and_terminal_wins() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::num::ParseIntError);
        let is_number: fn(&(dyn Error + 'static)) -> bool = |error| error.is::<std::num::ParseIntError>();
        let number = || "no".parse::<u32>().unwrap_err();
        let of = |error: crate::Error, retry_on, terminal| {
            returned(&Failure::Error(error), &Classification { retry_on, terminal })
        };
        assert_eq!(of(number().into(), None, None), Returned::Failed);
        assert_eq!(of(Outer(number()).into(), None, Some(is_number)), Returned::FailedForGood);
        assert_eq!(of(Outer(number()).into(), Some(is_number), None), Returned::Failed);
        assert_eq!(of(crate::Error::new("other"), Some(is_number), None), Returned::FailedForGood);
        assert_eq!(of(number().into(), Some(is_number), Some(is_number)), Returned::FailedForGood);
        assert_eq!(of(crate::Error::terminal(number()), Some(is_number), None), Returned::FailedForGood);
        let panicked =
            returned(&Failure::Panic("x".into()), &Classification { retry_on: Some(is_number), terminal: None });
        assert_eq!(panicked, Returned::Failed, "only errors are classified");
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
