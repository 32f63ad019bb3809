//! What follows a failure.

use std::sync::Arc;
use std::time::Duration;

/// What follows a failure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FailurePlan {
    /// How often a failed message is tried again.
    pub(crate) retries: Retries,
    /// The waits between.
    pub(crate) backoff: Backoff,
    /// After how long since the first attempt no other begins.
    pub(crate) deadline: Option<Duration>,
    /// Which errors of the handler are worth a retry, and which are not.
    pub(crate) classification: Classification,
    /// Topics in which a failed message waits for its next attempts, each with its delay; in turn, after `retries`.
    pub(crate) retry_topics: Vec<Duration>,
    /// What follows the last attempt.
    pub(crate) on_failure: OnFailure,
    /// Where dead letters go.
    pub(crate) dead_letter: DeadLetterPlan,
    /// After how many deaths of the process a message that was in hand goes the way of a failure; 0 counts none.
    pub(crate) max_crashes: u32,
}

#[cfg(test)]
impl FailurePlan {
    /// Without anything beside these.
    pub(crate) fn plain(retries: Retries, backoff: Backoff, on_failure: OnFailure) -> Self {
        Self {
            retries,
            backoff,
            deadline: None,
            classification: Classification::default(),
            retry_topics: Vec::new(),
            on_failure,
            dead_letter: DeadLetterPlan { topic: "{topic}.{group_id}.dead".into(), spring_headers: false },
            max_crashes: 3,
        }
    }
}

/// Which errors of a handler are worth a retry: predicates over the error and each of its causes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Classification {
    /// When set, only errors that match are tried again.
    pub(crate) retry_on: Option<fn(&(dyn std::error::Error + 'static)) -> bool>,
    /// Errors that match are not tried again.
    pub(crate) terminal: Option<fn(&(dyn std::error::Error + 'static)) -> bool>,
}

impl PartialEq for Classification {
    fn eq(&self, other: &Self) -> bool {
        // Addresses of functions tell nothing: whether there is one does.
        self.retry_on.is_some() == other.retry_on.is_some() && self.terminal.is_some() == other.terminal.is_some()
    }
}

/// Where dead letters go, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetterPlan {
    /// The topic; `{topic}`, `{group_id}` and `{listener}` are replaced. Topics of retries count as their origin.
    pub(crate) topic: Arc<str>,
    /// Whether the headers that Spring's consumers of dead letters know are written too.
    pub(crate) spring_headers: bool,
}

/// How often a failed message is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retries {
    /// At most this many times.
    Count(u32),
    /// Until it succeeds.
    Forever,
}

/// The waits between retries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Backoff {
    /// Before the first retry.
    pub(crate) initial: Duration,
    /// The longest.
    pub(crate) max: Duration,
    /// How much longer each is than the one before.
    pub(crate) factor: f64,
    /// The share by which it varies.
    pub(crate) jitter: f64,
}

/// What follows the last retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// Hold the partition for this listener.
    Pause,
    /// End the application.
    Stop,
    /// Settle the message: it is lost.
    Skip,
    /// Write it to another topic, then settle it.
    DeadLetter,
}
