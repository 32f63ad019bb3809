//! How a driver gets a failed message to another topic.

use super::{Hold, Work};
use crate::answer::Address;
use crate::engine::failing::deliver::{Delivered, Trouble, deliver, say_written};
use crate::engine::failing::destination::Route;
use crate::engine::failing::letter::{Letter, Reason, kind, now};
use crate::engine::lane::LaneState;
use crate::engine::policy::Step;
use crate::listener::Failure;

/// A letter that is being written.
pub(super) struct Writing {
    pub(super) letter: Letter,
    /// The message in turn had moved back to there: going on begins there.
    pub(super) back_to: Option<i64>,
}

impl Work<'_> {
    /// Where a step sends the message in turn, if it does.
    pub(super) fn route(&self, step: Step, owed: Option<Address>) -> Option<Route> {
        Route::of(step, &self.driver.lane, &self.driver.plan.failure, owed)
    }

    /// Why the message in turn failed, after so many attempts.
    pub(super) fn reason(&self, failure: &Failure, attempts: u32) -> Reason {
        let last = now();
        let elapsed = i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX);
        let first = last.saturating_sub(elapsed);
        Reason { kind: kind(failure), error: failure.to_string(), attempts, first, last }
    }

    /// Begins to write the message in turn to another topic; it is settled once it stands there. After a rewind the lane
    /// goes back as it was asked to then, and passes the message over when it comes again.
    pub(super) fn begin_letter(&mut self, route: Route, reason: Reason, back_to: Option<i64>) {
        let lane = &self.driver.lane;
        let Some(message) = self.run.context.held().to_owned_message(&lane.topic) else { return };
        let letter = Letter::new(lane, route, message, reason);
        self.hold = Hold::Writing(Box::new(Writing { letter, back_to }));
    }

    /// Writes the letter in hand until it stands, somebody asks for something, or no waiting helps.
    pub(super) async fn write_letter(&mut self) {
        let Hold::Writing(mut writing) = std::mem::replace(&mut self.hold, Hold::None) else { return };
        let (lane, signals) = (&self.driver.lane, &self.driver.signals);
        let letter = &writing.letter;
        // Who stops because of it does not wait for a topic that cannot be written.
        let stop = || {
            if letter.stops() {
                signals.stop_application(lane, letter.offset(), &letter.reason.error);
            }
        };
        let trouble = Trouble::with(letter, lane, signals, &stop);
        let delivered = deliver(&mut &*letter, lane.requests().asked(), &trouble).await;
        let offset = letter.offset();
        match delivered {
            Delivered::Interrupted => self.hold = Hold::Writing(writing),
            Delivered::Refused(error) => {
                let reason = format!(
                    "{}; and it cannot be written to {}: {error}",
                    letter.reason.error,
                    letter.destination.topic()
                );
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempts = letter.reason.attempts, error = reason,
                    "failed for good: the partition is paused for this listener until it is resumed, or the message skipped"
                );
                stop();
                self.hold = Hold::Writing(writing);
                self.pause(offset, reason, true);
            }
            Delivered::Written(delivery) => {
                say_written(letter, lane, signals, &delivery);
                let stops = writing.letter.stops();
                if writing.letter.goes_on() {
                    self.hold = Hold::Writing(writing);
                    return;
                }
                lane.set_state(LaneState::Running);
                if stops {
                    signals.stop_application(lane, offset, &writing.letter.reason.error);
                }
                if let Some(to) = writing.back_to {
                    self.pass_over_after(to, offset);
                } else {
                    lane.frontier.set(offset + 1);
                    if self.run.offset() == Some(offset) {
                        self.run.pass(offset);
                    }
                }
                lane.commit_soon();
            }
        }
    }
}
