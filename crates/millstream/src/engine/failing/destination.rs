//! Where a message goes that failed beyond its lane's own retries.

use super::{dead_letter, retry_topics};
use crate::answer::Address;
use crate::engine::lane::Lane;
use crate::engine::policy::Step;
use crate::plan::{FailurePlan, OnFailure};
use std::sync::Arc;
use std::time::Duration;

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// For good.
    DeadLetter {
        topic: Arc<str>,
        /// Whether Spring's headers are written too.
        spring_headers: bool,
    },
    /// Until it is due again.
    Retry { topic: Arc<str>, stage: usize, delay: Duration },
    /// Nowhere itself: who asked for an answer gets the error.
    Answer {
        address: Address,
        /// Whether the application stops then.
        stop: bool,
    },
}

impl Destination {
    pub(crate) fn topic(&self) -> &Arc<str> {
        match self {
            Self::DeadLetter { topic, .. }
            | Self::Retry { topic, .. }
            | Self::Answer { address: Address { topic, .. }, .. } => topic,
        }
    }
}

/// The way of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) first: Destination,
    /// And where then, before it is settled.
    pub(crate) then: Option<Destination>,
    /// Whether it is not handled again, also if it cannot be written.
    pub(crate) is_final: bool,
}

impl Route {
    /// Where a step sends a message of a lane; nothing if it stays. `owed` is who asked for an answer.
    pub(crate) fn of(step: Step, lane: &Lane, plan: &FailurePlan, owed: Option<Address>) -> Option<Self> {
        let answer = |stop| owed.map(|address| Destination::Answer { address, stop });
        let dead_letter = || dead_letter::destination(lane, &plan.dead_letter);
        let (first, then) = match step {
            Step::RetryTopic { stage } => (retry_topics::destination(lane, &plan.retry_topics, stage)?, None),
            Step::Last(OnFailure::DeadLetter) => (dead_letter(), None),
            Step::Answer(OnFailure::DeadLetter) => (dead_letter(), answer(false)),
            Step::Answer(on_failure) => (answer(on_failure == OnFailure::Stop)?, None),
            Step::ReportAndAnswer => (answer(false)?, None),
            Step::Settle | Step::SettleAndReport | Step::ReadOn | Step::Retry { .. } | Step::Last(_) => return None,
        };
        Some(Self { first, then, is_final: step == Step::ReportAndAnswer })
    }
}
