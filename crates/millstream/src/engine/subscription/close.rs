//! The end: drain, commit, leave, let the client go.

use super::{Phase, Rebalance, Subscription};
use crate::engine::committer::Key;
use crate::events::Event as Happened;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the last positions may take.
const LAST_SEND: Duration = Duration::from_secs(5);
/// How long leaving the group may take.
const LEAVING: Duration = Duration::from_secs(5);

/// The end of a member.
pub(super) struct Closing {
    step: Step,
    deadline: Instant,
}

enum Step {
    Draining,
    Committing(Instant),
    Leaving(Instant),
}

impl Closing {
    pub(super) fn next_turn(&self) -> Instant {
        match self.step {
            Step::Draining => self.deadline,
            Step::Committing(until) | Step::Leaving(until) => until.min(Instant::now() + Duration::from_millis(20)),
        }
    }
}

impl Subscription {
    /// Begins the end: no message is taken any more; handlers may go on until the deadline.
    pub(crate) fn begin_close(&mut self, deadline: Instant) {
        if matches!(self.phase, Phase::Closing(_) | Phase::Closed) {
            return;
        }
        if let Rebalance::Assigning(_) = self.rebalance {
            self.rebalance = Rebalance::None;
            self.answer_assignment(&[]);
        }
        self.slots.values().for_each(super::slot::Slot::stop);
        let lanes = self.slots.values().flat_map(super::slot::Slot::running).count();
        tracing::info!(group = %self.plan.group_id, lanes, "draining: no message is begun any more");
        self.signals.event(Happened::Draining { group_id: Arc::clone(&self.plan.group_id) });
        self.phase = Phase::Closing(Closing { step: Step::Draining, deadline });
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// Handlers that had not ended by the deadline.
    pub(crate) fn stragglers(&self) -> impl Iterator<Item = (Arc<str>, Arc<str>, i32)> {
        self.overran.iter().cloned()
    }

    pub(super) fn advance_close(&mut self, now: Instant) {
        let Phase::Closing(closing) = &self.phase else { return };
        let deadline = closing.deadline;
        match closing.step {
            Step::Draining => {
                let drained = self.slots.values().all(super::slot::Slot::all_ended) && self.leaving.is_empty();
                if !drained && now < deadline {
                    return;
                }
                let running = self.slots.values().chain(&self.leaving).flat_map(super::slot::Slot::running);
                self.overran =
                    running.map(|lane| (Arc::clone(&lane.listener), Arc::clone(&lane.topic), lane.partition)).collect();
                self.slots.values().for_each(super::slot::Slot::fence);
                self.committer.clear_marks(self.slots.keys());
                self.close_step(deadline, Step::Committing(now + LAST_SEND));
                self.advance_close(now);
            }
            Step::Committing(until) => {
                // A rebalance in between is answered by its own rules first.
                self.send_positions(now);
                let keys: Vec<Key> = self.slots.keys().cloned().collect();
                let done = !self.committer.is_busy() && !self.committer.is_behind(keys.iter());
                let nobody_listens = self.client.is_none() || !self.joined;
                if !(done || nobody_listens || now >= until) {
                    return;
                }
                if !done {
                    tracing::warn!(group = %self.plan.group_id, "the last positions could not be committed: some messages come again");
                }
                self.leave(now, deadline);
            }
            Step::Leaving(until) => {
                let closed = self.client.as_ref().is_none_or(millstream_native::Client::closed);
                if closed || now >= until {
                    self.end();
                }
            }
        }
    }

    fn leave(&mut self, now: Instant, deadline: Instant) {
        let keys: Vec<Key> = self.slots.keys().cloned().collect();
        for key in &keys {
            self.let_go(key);
        }
        match self.client.as_ref().map(millstream_native::Client::close_begin) {
            Some(Ok(())) => self.close_step(deadline, Step::Leaving(now + LEAVING)),
            Some(Err(error)) => {
                tracing::warn!(group = %self.plan.group_id, %error, "could not leave the group: it waits for the session to end");
                self.end();
            }
            None => self.end(),
        }
    }

    /// Lets the client go; it is destroyed by a thread of its own when the last message is.
    fn end(&mut self) {
        for slot in &self.leaving {
            slot.abort();
        }
        self.client = None;
        self.rebalance = Rebalance::None;
        self.phase = Phase::Closed;
    }

    fn close_step(&mut self, deadline: Instant, step: Step) {
        self.phase = Phase::Closing(Closing { step, deadline });
    }
}
