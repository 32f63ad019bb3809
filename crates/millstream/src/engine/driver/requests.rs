//! What a driver does about the requests of its lane: seek, pause, resume, skip.

use super::{Hold, Kept, Move, Work};
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
                if let Hold::Paused { failed: false, kept, .. } = &mut self.hold {
                    *kept = None;
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
                if let Hold::Paused { failed, back_to, kept } = &mut self.hold {
                    // What is written goes back itself once it stands.
                    let (failed, back_to) = (*failed, back_to.filter(|_| kept.is_none()));
                    self.hold = kept.take().map_or(Hold::None, Kept::hold);
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
                let stands_here = match &self.hold {
                    Hold::Paused { failed, kept, .. } => *failed || kept.is_some(),
                    Hold::Until(_) | Hold::Writing(_) | Hold::Answering(_) => true,
                    Hold::None => false,
                } && self.run.offset() == Some(offset);
                let back_to = match &self.hold {
                    Hold::Paused { back_to, .. } => *back_to,
                    Hold::Writing(writing) => writing.back_to,
                    Hold::None | Hold::Until(_) | Hold::Answering(_) => None,
                };
                if let (Some(to), true) = (back_to, stands_here) {
                    self.hold = Hold::None;
                    self.skip_after(to, offset, reason);
                    self.resumed();
                } else if stands_here {
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
        let (was_failed, back_to, kept) = match std::mem::replace(&mut self.hold, Hold::None) {
            Hold::Paused { failed, back_to, kept } => (failed, back_to, kept),
            Hold::Writing(writing) => {
                (true, writing.back_to, Some(writing).filter(|writing| writing.letter.is_final).map(Kept::Letter))
            }
            Hold::Answering(replies) => (false, None, Some(Kept::Answer(replies))),
            Hold::None | Hold::Until(_) => (false, None, None),
        };
        self.hold = Hold::Paused { failed: failed || was_failed, back_to, kept };
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
