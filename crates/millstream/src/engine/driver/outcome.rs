//! What a driver does about a message that did not simply succeed.

use super::{Hold, Move, Work};
use crate::engine::lane::{Called, LaneState};
use crate::engine::policy::{Handling, Step, decide, returned};
use crate::events::Event;
use crate::listener::Failure;
use crate::plan::OnFailure;
use std::sync::Arc;
use tokio::time::Instant;

impl Work<'_> {
    /// Does what the failure policy decides.
    pub(super) fn failed(&mut self, failure: &Failure) {
        let lane = &self.driver.lane;
        let Some(offset) = self.run.offset() else {
            // Its thread died with all that it had in hand: that is read again.
            self.moving = Some(Move { to: self.run.next, at: Instant::now() });
            return;
        };
        let attempt = self.run.attempts.next(offset);
        self.note_first_failure(attempt);
        let owed = lane.owed(self.run.context.headers(), self.run.context.key());
        let handling = Handling {
            offset,
            called: self.run.context.verb().called(),
            returned: returned(failure, &self.driver.plan.failure.classification),
            attempt,
            auto_commit: self.driver.plan.auto_commit,
            stage: self.stage,
            elapsed: self.elapsed(),
            alone: false,
            owed: owed.is_some(),
        };
        let step = decide(handling, &self.driver.plan.failure, fastrand::f64());
        if let Some(route) = self.route(step, owed) {
            let back_to = match handling.called {
                Called::Rewind(to) if to < offset => Some(to),
                _ => None,
            };
            return self.begin_letter(route, self.reason(failure, attempt), back_to);
        }
        match step {
            Step::Settle => {
                lane.frontier.set(offset + 1);
                self.run.pass(offset);
            }
            Step::SettleAndReport => {
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    error = %failure, "failed after it had committed the message: not tried again"
                );
                self.run.pass(offset);
            }
            Step::ReadOn => self.run.pass(offset),
            Step::Retry { offset: back_to, after } => {
                tracing::warn!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempt = handling.attempt, error = %failure, wait = ?after, "failed, trying again from offset {back_to}"
                );
                self.run.attempts.failed(offset, back_to);
                lane.set_state(LaneState::Retrying { offset, attempt: handling.attempt, reason: failure.to_string() });
                let at = Instant::now() + after;
                self.hold = Hold::Until(at);
                if !self.run.move_within_batch(back_to) {
                    self.run.unload();
                    self.moving = Some(Move { to: back_to, at });
                }
                self.new_epoch();
            }
            // What goes to another topic is on its way already.
            Step::Last(OnFailure::Pause | OnFailure::DeadLetter)
            | Step::RetryTopic { .. }
            | Step::Answer(_)
            | Step::ReportAndAnswer => {
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempts = handling.attempt, error = %failure,
                    "failed for good: the partition is paused for this listener until it is resumed, or the message skipped"
                );
                self.pause(offset, failure.to_string(), true);
                if let (Hold::Paused { back_to, .. }, Called::Rewind(to)) = (&mut self.hold, handling.called) {
                    *back_to = Some(to).filter(|to| *to < offset);
                }
            }
            Step::Last(OnFailure::Skip) => match handling.called {
                Called::Rewind(to) if to < offset => self.skip_after(to, offset, failure.to_string()),
                _ => self.skip(offset, failure.to_string()),
            },
            Step::Last(OnFailure::Stop) => {
                self.pause(offset, failure.to_string(), true);
                self.driver.signals.stop_application(lane, offset, &failure.to_string());
            }
        }
    }

    /// Goes back as the handler asked for; when the message's turn comes again, it alone is skipped.
    pub(super) fn skip_after(&mut self, back_to: i64, offset: i64, reason: String) {
        self.run.skips.insert(offset, reason);
        self.go_back_to(back_to, offset);
    }

    /// The same for a message that was written to another topic: nothing is said when it is passed over.
    pub(super) fn pass_over_after(&mut self, back_to: i64, offset: i64) {
        self.written.insert(offset);
        self.skip_after(back_to, offset, String::new());
    }

    fn go_back_to(&mut self, back_to: i64, offset: i64) {
        // What comes again with it is not to answer for its failures.
        self.run.attempts.passed(offset);
        self.moving = Some(Move { to: back_to, at: Instant::now() });
        self.new_epoch();
    }

    /// Settles the message in turn without it having been handled.
    pub(super) fn skip(&mut self, offset: i64, reason: String) {
        let lane = &self.driver.lane;
        lane.frontier.set(offset + 1);
        if self.run.offset() == Some(offset) {
            self.run.pass(offset);
        }
        if self.written.remove(&offset) {
            return;
        }
        tracing::warn!(
            listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, reason, "skipped"
        );
        self.driver.signals.event(Event::Skipped {
            listener: Arc::clone(&lane.listener),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            offset,
            reason,
        });
    }
}
