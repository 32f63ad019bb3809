//! What a wide driver does about the requests of its lane: seek, pause, resume, skip.

use super::Wide;
use crate::engine::lane::{LaneState, Request};
use crate::events::Event;
use std::sync::Arc;

impl Wide<'_> {
    pub(super) fn request(&mut self, request: Request) {
        let lane = &self.driver.lane;
        match request {
            Request::Seek(offset) => {
                self.desk.reset(offset);
                // Held by somebody: it goes there when it is resumed.
                self.go_back(offset);
                if let (true, LaneState::Paused { reason, .. }) = (self.paused, lane.state()) {
                    lane.set_state(LaneState::Paused { offset, reason });
                } else {
                    lane.set_state(LaneState::Running);
                }
                lane.commit_soon();
            }
            Request::Pause { reason } => self.pause(reason),
            Request::Resume => {
                let was_paused = std::mem::take(&mut self.paused);
                let tried_again = self.desk.resume_parked();
                if self.moving.is_none_or(|moving| !moving.back) {
                    self.desk.open();
                }
                if was_paused || tried_again {
                    self.driver.signals.event(Event::Resumed {
                        listener: Arc::clone(&lane.listener),
                        topic: Arc::clone(&lane.topic),
                        partition: lane.partition,
                    });
                }
            }
            Request::Skip { offset, reason } => {
                if self.desk.skip(offset, &reason) {
                    lane.commit_soon();
                } else {
                    tracing::info!(
                        listener = %lane.listener, offset, reason,
                        "nothing to skip: the message is being handled, or was"
                    );
                }
            }
        }
    }

    /// Hands nothing out until it is resumed; what is in hand ends.
    pub(super) fn pause(&mut self, reason: String) {
        self.paused = true;
        self.desk.close();
        let lane = &self.driver.lane;
        let offset = self.moving.map_or_else(|| self.desk.next(), |moving| moving.to);
        lane.set_state(LaneState::Paused { offset, reason: reason.clone() });
        self.driver.signals.event(Event::Paused {
            listener: Arc::clone(&lane.listener),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            offset,
            reason,
        });
    }
}
