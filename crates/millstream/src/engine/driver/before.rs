//! What a driver looks at before it hands a message over: whether it is due, whose it is, whether it is deadly.

use super::{Hold, Move, Work};
use crate::engine::failing::guard::{self, Entered, Verdict};
use crate::engine::failing::letter::{Reason, now};
use crate::engine::failing::origin::Travelled;
use crate::engine::metadata::hash;
use crate::engine::policy::Step;
use crate::plan::OnFailure;
use std::time::Duration;
use tokio::time::Instant;

/// Whether the message in turn is to be handed over.
pub(super) enum Before<'g> {
    /// It is, with others behind it.
    Go,
    /// It is, alone; a guarded one with the right to be so.
    Alone { entered: Option<Entered<'g>> },
    /// Not now, or not any more.
    Not,
}

impl Before<'_> {
    /// What was handed over has ended well.
    pub(super) fn survived(&mut self) {
        if let Self::Alone { entered: Some(entered) } = self {
            entered.survived();
        }
    }
}

impl<'d> Work<'d> {
    /// Looks at the message in turn. On most lanes there is nothing to look at.
    pub(super) async fn before(&mut self) -> Before<'d> {
        self.run.only = None;
        let driver = self.driver;
        let lane = &driver.lane;
        if lane.stage.is_none() && !lane.guard.as_ref().is_some_and(|guard| guard.covers(self.run.next)) {
            return Before::Go;
        }
        let Some(offset) = self.run.offset() else { return Before::Not };
        // What is passed over anyway needs neither time nor guard.
        if offset < self.run.next || self.run.skips.contains_key(&offset) {
            return Before::Go;
        }
        self.run.take_in_turn();
        if lane.stage.is_some() && !self.is_due(offset) {
            return Before::Not;
        }
        let Ok(entered) = self.entered(offset).await else { return Before::Not };
        if lane.stage.is_none() && entered.is_none() {
            return Before::Go;
        }
        self.run.only = Some(offset);
        Before::Alone { entered }
    }

    /// On a retry topic: whether the message is due now and for this listener. If not, the lane is held until then, with
    /// nothing in hand.
    fn is_due(&mut self, offset: i64) -> bool {
        let lane = &self.driver.lane;
        let Some(stage) = &lane.stage else { return true };
        let travelled = Travelled::read(self.run.context.headers());
        if stage.is_of_another(&travelled, &lane.listener) {
            // A listener that commits by hand has not committed what it was given before.
            if self.driver.plan.auto_commit || lane.frontier.offset() == Some(offset) {
                lane.frontier.set(offset + 1);
            }
            self.run.pass(offset);
            return false;
        }
        let written = self.run.context.held().timestamp().map(|timestamp| timestamp.milliseconds);
        let early = stage.due(&travelled, written).and_then(|due| u64::try_from(due.saturating_sub(now())).ok());
        if let Some(early) = early.filter(|early| *early > 0) {
            // A batch kept meanwhile would keep its fetch buffers: it is read again.
            self.run.unload();
            self.moving = Some(Move { to: offset, at: Instant::now() + Duration::from_millis(early) });
            return false;
        }
        self.run.attempts.begin_after(travelled.attempts);
        self.stage = Some(stage.index_of(&travelled, &self.driver.plan.failure.retry_topics));
        self.since = travelled.since;
        true
    }

    /// Waits for the right to handle a guarded message; an error if it is not to be handled, or not yet.
    async fn entered(&mut self, offset: i64) -> Result<Option<Entered<'d>>, ()> {
        let driver = self.driver;
        let Some(guard) = &driver.lane.guard else { return Ok(None) };
        let listener = hash(&driver.lane.listener);
        match guard.verdict(listener, offset) {
            Verdict::Free => Ok(None),
            Verdict::Guarded => {
                // Asked for something, it begins again: nothing of the message has happened.
                tokio::select! {
                    biased;
                    entered = guard::enter(&driver.lane, guard, listener, offset) => entered.map(Some).ok_or(()),
                    () = driver.lane.requests().asked() => Err(()),
                }
            }
            Verdict::Deadly(times) => {
                self.deadly(offset, times);
                Err(())
            }
        }
    }

    /// The process died with this very message in hand, again and again: it is not handled any more.
    fn deadly(&mut self, offset: i64, times: u32) {
        let lane = &self.driver.lane;
        let error = format!("the process died {times} times while it was handled");
        let last = now();
        let reason = Reason { kind: "crash", error: error.clone(), attempts: times, first: last, last };
        let on_failure = self.driver.plan.failure.on_failure;
        let owed = lane.owed(self.run.context.headers(), self.run.context.key());
        let step = if owed.is_some() { Step::Answer(on_failure) } else { Step::Last(on_failure) };
        if let Some(route) = self.route(step, owed) {
            return self.begin_letter(route, reason, None);
        }
        tracing::error!(
            listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, error,
            "a message that kills the process is not handled any more"
        );
        match on_failure {
            OnFailure::Skip => self.skip(offset, error),
            OnFailure::Stop => {
                self.pause(offset, error.clone(), true);
                self.driver.signals.stop_application(lane, offset, &error);
            }
            OnFailure::Pause | OnFailure::DeadLetter => self.pause(offset, error, true),
        }
        // Somebody who resumes it wants it handled.
        if let (Hold::Paused { .. }, Some(guard)) = (&self.hold, &lane.guard) {
            guard.acquit(hash(&lane.listener), offset);
        }
    }

    /// How long ago the first attempt at the message in turn failed.
    pub(super) fn elapsed(&self) -> Duration {
        let since = self.since.map(|since| u64::try_from(now().saturating_sub(since)).unwrap_or(0));
        since.map_or(Duration::ZERO, Duration::from_millis)
    }

    /// Notes when the message in turn failed for the first time.
    pub(super) fn note_first_failure(&mut self, attempt: u32) {
        if attempt <= 1 || self.since.is_none() {
            self.since = Some(now());
        }
    }
}
