//! How a driver sends what the method of the message in turn returned, to who asked for it.

use super::{Hold, Work};
use crate::engine::answering::{Replied, reply, say_ended};
use crate::engine::failing::deliver::Trouble;
use crate::engine::lane::{Called, LaneState};
use std::pin::pin;
use std::sync::Arc;

impl Work<'_> {
    /// Sends the answer in hand until all of it stands, somebody asks for something, or no waiting helps; `when_stuck`
    /// is told when its topic cannot be written. The message is settled as its method wants it then. Whether it has not
    /// failed.
    pub(super) async fn write_answer(&mut self, when_stuck: &(dyn Fn() + Sync)) -> bool {
        let Hold::Answering(mut replies) = std::mem::replace(&mut self.hold, Hold::None) else { return false };
        let Some(offset) = self.run.offset() else { return false };
        let driver = self.driver;
        let (lane, signals) = (&driver.lane, &driver.signals);
        let topic = Arc::clone(replies.topic());
        let trouble = Trouble { lane, signals, offset, topic: &topic, what: "an answer", when_stuck };
        let written = || {
            if matches!(lane.state(), LaneState::Writing { .. }) {
                lane.set_state(LaneState::Running);
            }
        };
        // Values are made by the listener: one that blocks its thread is seen like a handler that does.
        let became = {
            let asked = || lane.requests().asked();
            let became = pin!(reply(&mut replies, driver.plan.timeout, asked, written, &trouble));
            lane.watch_polls(became).await
        };
        if !matches!(became, Replied::Interrupted) {
            written();
        }
        match became {
            Replied::Done(failure) => {
                if let Some(failure) = &failure {
                    say_ended(lane, signals, offset, replies.topic(), failure);
                }
                let by_itself = driver.plan.auto_commit && self.run.context.verb().called() == Called::Nothing;
                if by_itself || failure.is_some() {
                    lane.frontier.set(offset + 1);
                }
                self.run.pass(offset);
            }
            Replied::Failed(failure) => {
                self.failed(&failure);
                return false;
            }
            Replied::Interrupted => self.hold = Hold::Answering(replies),
            Replied::Refused(error) => {
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, error,
                    "the answer cannot be sent: the partition is paused for this listener until it is resumed, or the message skipped"
                );
                self.hold = Hold::Answering(replies);
                self.pause(offset, format!("its answer cannot be sent: {error}"), true);
            }
        }
        true
    }
}
