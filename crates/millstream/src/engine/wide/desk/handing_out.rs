//! What a worker gets to handle next, and what it gives back.

use super::{Desk, State, Stretch, Taken};
use crate::context::Held;
use crate::engine::lane::Called;
use crate::engine::wide::item::{Item, size};
use crate::engine::window::{Ended, NO_EPOCH};
use crate::plan::OrderBy;
use millstream_native::{Batch, Message};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Desk {
    /// The next thing to do.
    pub(in crate::engine::wide) fn take(&self) -> Taken {
        let mut state = self.state();
        // The driver looks at what it is asked for first.
        if !state.open || self.lane.requests().any() {
            return Taken::Nothing;
        }
        if let Some(item) = state.ready.pop_front() {
            return Taken::One(item);
        }
        loop {
            if state.queue.is_empty() {
                state.changed = true;
                return Taken::Nothing;
            }
            if !self.has_room() {
                return Taken::Nothing;
            }
            if self.is_plain(&state)
                && let Some(stretch) = state.queue.pop_front()
            {
                state.queued =
                    state.queued.saturating_sub(stretch.batch.len() - stretch.index.min(stretch.batch.len()));
                return Taken::Stretch(stretch, state.next);
            }
            let Some((batch, index)) = state.next_queued() else {
                if let Some(stretch) = state.queue.pop_front() {
                    self.feed.give_back(stretch.batch);
                }
                continue;
            };
            let Some(message) = batch.get(index) else { continue };
            if let Some(item) = self.admit(&mut state, message, Held::Batch { batch: Arc::clone(&batch), index }) {
                return Taken::One(item);
            }
        }
    }

    /// The next message, with an entry of its own.
    pub(in crate::engine::wide) fn take_one(&self) -> Option<Item> {
        let mut state = self.state();
        if !state.open || self.lane.requests().stopping() {
            return None;
        }
        if let Some(item) = state.ready.pop_front() {
            return Some(item);
        }
        while !state.queue.is_empty() && self.has_room() {
            let Some((batch, index)) = state.next_queued() else {
                if let Some(stretch) = state.queue.pop_front() {
                    self.feed.give_back(stretch.batch);
                }
                continue;
            };
            let Some(message) = batch.get(index) else { continue };
            if let Some(item) = self.admit(&mut state, message, Held::Batch { batch: Arc::clone(&batch), index }) {
                return Some(item);
            }
        }
        state.changed |= state.queue.is_empty();
        None
    }

    /// Whether messages are handed out.
    pub(in crate::engine::wide) fn hands_out(&self) -> bool {
        self.state().open && !self.lane.requests().stopping()
    }

    /// Becomes the one worker that collects a batch; otherwise wakes the one that does.
    pub(in crate::engine::wide) fn begin_collecting(&self) -> bool {
        let first = !self.collecting.swap(true, Ordering::AcqRel);
        if !first {
            self.more.notify_one();
        }
        first
    }

    pub(in crate::engine::wide) fn end_collecting(&self) {
        self.collecting.store(false, Ordering::Release);
    }

    /// Waits until there may be more to collect, or nothing is handed out any more; cancel safe.
    pub(in crate::engine::wide) async fn more(&self) {
        self.more.notified().await;
    }

    /// Whether messages may be handled in their order without an entry each.
    fn is_plain(&self, state: &State) -> bool {
        state.busy.is_empty()
            // One below names a message that does not exist, or that is on its way to another topic.
            && state.skips.range(state.next..).next().is_none()
            && state.ahead.is_none()
            && self.lane.with_window(|window| window.is_empty() && !window.inherits(state.next)).unwrap_or(false)
    }

    /// Takes a message in; `None` if it must wait or is done already.
    fn admit(&self, state: &mut State, message: &Message, held: Held) -> Option<Item> {
        let offset = message.offset();
        if offset < state.next {
            // Delivered before: a rebalance makes librdkafka fetch again what it had handed out.
            return None;
        }
        state.next = offset.saturating_add(1);
        let leader_epoch = message.leader_epoch();
        if self.was_ahead(state, offset, leader_epoch) {
            return None;
        }
        let was_finished = self.lane.change_window(|window| {
            window.admit(offset, leader_epoch.unwrap_or(NO_EPOCH), size(message));
            let was_finished = window.was_finished(offset, leader_epoch);
            if was_finished {
                window.end(offset, Ended::Settled);
            }
            was_finished
        });
        if was_finished == Some(true) {
            return None;
        }
        let key = (self.plan.order_by == OrderBy::Key).then(|| self.keys.of(message));
        if let Some(reason) = state.skips.remove(&offset) {
            self.settle_unhandled(offset, reason);
            return None;
        }
        let item = Item { held, offset, key, attempt: 1, since: None, rest: None, epoch: self.lane.epoch() };
        let Some(key) = key else { return Some(item) };
        match state.busy.entry(key) {
            std::collections::hash_map::Entry::Occupied(mut waiting) => {
                waiting.get_mut().push_back(item);
                None
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(VecDeque::new());
                Some(item)
            }
        }
    }

    /// Whether the position that the group had said that this message was settled.
    fn was_ahead(&self, state: &mut State, offset: i64, leader_epoch: Option<i32>) -> bool {
        let Some(ahead) = state.ahead else { return false };
        if offset >= self.start.saturating_add(ahead.by) {
            state.ahead = None;
            return false;
        }
        if leader_epoch > ahead.leader_epoch {
            // The log was truncated since: these are other messages.
            state.ahead = None;
            self.lane.change_window(|window| window.reset(offset));
            self.lane.frontier.jump(offset);
            return false;
        }
        true
    }

    /// A message that was handled in order turned out to take longer: it gets an entry, and others may have the rest.
    pub(in crate::engine::wide) fn suspend(&self, held: &Held, called: Called, rest: Stretch) -> Item {
        let mut state = self.state();
        let offset = held.offset();
        let message = held.message();
        let key = message.filter(|_| self.plan.order_by == OrderBy::Key).map(|message| self.keys.of(message));
        self.lane.change_window(|window| {
            window.advance(offset);
            window.admit(
                offset,
                message.and_then(Message::leader_epoch).unwrap_or(NO_EPOCH),
                message.map(size).unwrap_or_default(),
            );
            // The verb came before the entry.
            if called == Called::Commit {
                window.settle(offset);
            }
        });
        if let Some(key) = key {
            state.busy.entry(key).or_default();
        }
        state.next = offset.saturating_add(1);
        state.put_back(rest);
        state.changed = true;
        Item { held: Held::Nothing, offset, key, attempt: 1, since: None, rest: None, epoch: self.lane.epoch() }
    }

    /// All of a stretch was handled in its order.
    pub(in crate::engine::wide) fn exhausted(&self, batch: Arc<Batch>, next: i64) {
        let mut state = self.state();
        state.next = state.next.max(next);
        self.lane.with_window(|window| window.advance(next));
        state.changed = true;
        drop(state);
        self.feed.give_back(batch);
    }

    /// A stretch was interrupted before this message.
    pub(in crate::engine::wide) fn interrupted(&self, stretch: Stretch, next: i64) {
        let mut state = self.state();
        state.next = state.next.max(next);
        self.lane.with_window(|window| window.advance(next));
        state.put_back(stretch);
        state.changed = true;
    }

    /// Gives back what cannot be handled now.
    pub(in crate::engine::wide) fn put_back(&self, item: Item) {
        let mut state = self.state();
        if !self.counts(&item) {
            return;
        }
        state.ready.push_front(item);
        state.changed = true;
    }
}
