//! What a driver does about the requests of its lane: seek, pause, resume, skip.

use super::{Hold, Move, Work};
use crate::engine::lane::{LaneState, Request};
use crate::events::Event;
use std::sync::Arc;
use tokio::time::Instant;

impl Work<'_> {
    pub(super) async fn request(&mut self, request: Request) {
        match request {
            Request::Seek(offset) => {
                self.run.attempts.clear();
                for written in std::mem::take(&mut self.written) {
                    self.run.skips.remove(&written);
                }
                self.ahead = None;
                self.driver.lane.frontier.jump(offset);
                self.new_epoch();
                if matches!(self.hold, Hold::Paused { failed: false, .. }) {
                    // Somebody holds it: it goes there when it is resumed.
                    self.moving = Some(Move { to: offset, at: Instant::now() });
                    if let LaneState::Paused { reason, .. } = self.driver.lane.state() {
                        self.driver.lane.set_state(LaneState::Paused { offset, reason });
                    }
                } else {
                    self.resumed();
                    self.move_to(offset).await;
                }
                self.driver.lane.commit_soon();
            }
            Request::Pause { reason } => {
                let coming = self.moving.map(|moving| moving.to).or_else(|| self.run.offset());
                self.pause(coming.unwrap_or(self.run.next), reason, false);
            }
            Request::Resume => {
                if let Hold::Paused { failed, back_to } = self.hold {
                    self.hold = Hold::None;
                    if let Some(to) = back_to {
                        self.moving = Some(Move { to, at: Instant::now() });
                        self.new_epoch();
                    }
                    self.resumed();
                    if failed {
                        self.run.attempts.clear();
                    }
                }
            }
            Request::Skip { offset, reason } => {
                let paused_here =
                    matches!(self.hold, Hold::Paused { failed: true, .. }) && self.run.offset() == Some(offset);
                let retried_here =
                    matches!(self.hold, Hold::Until(_) | Hold::Writing(_)) && self.run.offset() == Some(offset);
                let back_to = match &self.hold {
                    Hold::Paused { back_to, .. } => *back_to,
                    Hold::Writing(writing) => writing.back_to,
                    Hold::None | Hold::Until(_) => None,
                };
                if let (Some(to), true) = (back_to, paused_here || retried_here) {
                    self.hold = Hold::None;
                    self.skip_after(to, offset, reason);
                    self.resumed();
                } else if paused_here || retried_here {
                    self.hold = Hold::None;
                    self.skip(offset, reason);
                    self.driver.lane.commit_soon();
                    self.resumed();
                } else if offset >= self.moving.map_or(self.run.next, |moving| moving.to) {
                    // Settled when its turn comes; one that is only waited for has it now.
                    self.run.skips.insert(offset, reason);
                    if let Some(moving) = self.moving.as_mut().filter(|moving| moving.to == offset) {
                        moving.at = Instant::now();
                    }
                } else {
                    tracing::info!(
                        listener = %self.driver.lane.listener, offset, reason,
                        "nothing to skip: the listener has read past the message, and a later commit covers it"
                    );
                }
            }
        }
    }

    pub(super) fn pause(&mut self, offset: i64, reason: String, failed: bool) {
        let lane = &self.driver.lane;
        // A pause on top of a failure does not make the failure forgotten.
        let (was_failed, back_to) = match &self.hold {
            Hold::Paused { failed, back_to } => (*failed, *back_to),
            Hold::Writing(writing) => (true, writing.back_to),
            _ => (false, None),
        };
        self.hold = Hold::Paused { failed: failed || was_failed, back_to };
        lane.set_state(LaneState::Paused { offset, reason: reason.clone() });
        self.driver.signals.event(Event::Paused {
            listener: Arc::clone(&lane.listener),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            offset,
            reason,
        });
    }

    pub(super) fn resumed(&self) {
        let lane = &self.driver.lane;
        let was_paused = matches!(lane.state(), LaneState::Paused { .. });
        lane.set_state(LaneState::Running);
        if was_paused {
            self.driver.signals.event(Event::Resumed {
                listener: Arc::clone(&lane.listener),
                topic: Arc::clone(&lane.topic),
                partition: lane.partition,
            });
        }
    }

    pub(super) fn go_on(&mut self) {
        self.hold = Hold::None;
        self.driver.lane.set_state(LaneState::Running);
    }
}
