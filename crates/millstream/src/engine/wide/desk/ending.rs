//! What becomes of a message whose handler has returned, and of those that wait for it.

use super::{Desk, Parked};
use crate::engine::lane::LaneState;
use crate::engine::wide::item::Item;
use crate::engine::window::Ended;
use crate::events::Event;
use std::sync::Arc;
use tokio::time::Instant;

impl Desk {
    /// A message has ended for good; what waited for it comes next.
    pub(in crate::engine::wide) fn ended(&self, item: &Item, how: Ended) -> Option<Item> {
        if !self.counts(item) {
            return None;
        }
        self.lane.change_window(|window| window.end(item.offset, how));
        let mut state = self.state();
        // There may be room for more.
        state.changed |= state.queue.is_empty();
        let next = state.release(item.key)?;
        if state.open && !self.lane.requests().stopping() {
            return Some(next);
        }
        state.ready.push_front(next);
        None
    }

    /// A message is tried again then; its key waits.
    pub(in crate::engine::wide) fn retry(&self, mut item: Item, at: Instant, reason: String) {
        item.detach(&self.lane.topic);
        let mut state = self.state();
        if !self.counts(&item) {
            return;
        }
        let (offset, attempt) = (item.offset, item.attempt.saturating_sub(1));
        state.later.insert((at, offset), item);
        state.changed = true;
        if state.open && state.parked.is_empty() {
            self.lane.set_state(LaneState::Retrying { offset, attempt, reason });
        }
    }

    /// A message waits for somebody to resume it; its key waits with it.
    pub(in crate::engine::wide) fn park(&self, mut item: Item, reason: String) {
        item.detach(&self.lane.topic);
        let mut state = self.state();
        if !self.counts(&item) {
            return;
        }
        let offset = item.offset;
        state.parked.insert(offset, Parked { item, reason: reason.clone() });
        self.show(&state);
        drop(state);
        self.signals.event(Event::Paused {
            listener: Arc::clone(&self.lane.listener),
            topic: Arc::clone(&self.lane.topic),
            partition: self.lane.partition,
            offset,
            reason,
        });
    }

    /// Settles a message that is not handled.
    pub(in crate::engine::wide) fn settle_unhandled(&self, offset: i64, reason: String) {
        tracing::warn!(
            listener = %self.lane.listener, topic = %self.lane.topic, partition = self.lane.partition, offset, reason,
            "skipped"
        );
        self.lane.change_window(|window| window.end(offset, Ended::Settled));
        self.signals.event(Event::Skipped {
            listener: Arc::clone(&self.lane.listener),
            topic: Arc::clone(&self.lane.topic),
            partition: self.lane.partition,
            offset,
            reason,
        });
    }
}
