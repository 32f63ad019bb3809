//! What the driver asks of a desk and tells it.

use super::{Desk, Stretch};
use millstream_native::Batch;
use std::sync::Arc;
use tokio::time::Instant;

impl Desk {
    /// Whether a worker would find something to do.
    pub(in crate::engine::wide) fn has_work(&self) -> bool {
        let state = self.state();
        state.open && (!state.ready.is_empty() || !state.queue.is_empty() && self.has_room())
    }

    /// Whether the driver must look since the last call.
    pub(in crate::engine::wide) fn take_changed(&self) -> bool {
        std::mem::take(&mut self.state().changed)
    }

    /// Whether more messages are to be pulled, where so many handlers may run at once.
    pub(in crate::engine::wide) fn wants_more(&self, at_once: usize) -> bool {
        let state = self.state();
        let nothing_open = self.lane.with_window(|window| window.is_empty()).unwrap_or(true);
        state.open && state.queued < at_once && self.has_room() && (state.queued == 0 || !nothing_open)
    }

    /// Messages that were pulled.
    pub(in crate::engine::wide) fn push(&self, batch: Arc<Batch>, index: usize) {
        let mut state = self.state();
        state.queued += batch.len().saturating_sub(index);
        state.queue.push_back(Stretch { batch, index });
    }

    /// Makes retries that are due ready; when the next is.
    pub(in crate::engine::wide) fn due(&self) -> Option<Instant> {
        let mut state = self.state();
        // Usually nothing waits, and the clock need not be read.
        if state.later.is_empty() {
            return None;
        }
        let now = Instant::now();
        let mut any = false;
        while let Some(entry) = state.later.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let item = entry.remove();
            state.ready.push_back(item);
            any = true;
        }
        if any && state.later.is_empty() {
            self.show(&state);
        }
        state.later.first_key_value().map(|((at, _), _)| *at).filter(|_| state.open)
    }

    /// Hands nothing out until [`open`](Self::open).
    pub(in crate::engine::wide) fn close(&self) {
        self.state().open = false;
        self.more.notify_one();
    }

    pub(in crate::engine::wide) fn open(&self) {
        let mut state = self.state();
        state.open = true;
        state.changed = true;
        self.show(&state);
    }

    /// Forgets everything and begins at another offset; what is in hand no longer counts.
    pub(in crate::engine::wide) fn reset(&self, offset: i64) {
        let mut state = self.state();
        self.lane.raise_epoch();
        state.queue.clear();
        state.queued = 0;
        state.ready.clear();
        state.busy.clear();
        state.later.clear();
        state.parked.clear();
        state.letters.stop_all();
        state.ahead = None;
        state.next = offset;
        self.lane.change_window(|window| window.reset(offset));
        self.lane.frontier.jump(offset);
    }

    /// Everything below an offset that was not taken yet is gone.
    pub(in crate::engine::wide) fn pass_over_lost(&self, to: i64) {
        let state = self.state();
        // What was pulled and not looked at lies before the loss: the position moves on with it.
        if state.queue.is_empty() {
            self.lane.change_window(|window| window.pass_over_lost(to));
        }
    }

    /// Tries what was given up again; whether there was anything.
    pub(in crate::engine::wide) fn resume_parked(&self) -> bool {
        let mut state = self.state();
        let parked = std::mem::take(&mut state.parked);
        let any = !parked.is_empty();
        for (_, mut parked) in parked {
            parked.item.attempt = 1;
            parked.item.since = None;
            state.ready.push_back(parked.item);
        }
        state.changed = true;
        any
    }

    /// Settles one message without handling it, now or when its turn comes; `false` if it is in hand or was handled.
    pub(in crate::engine::wide) fn skip(&self, offset: i64, reason: &str) -> bool {
        let mut state = self.state();
        if offset >= state.next {
            state.skips.insert(offset, reason.to_owned());
            return true;
        }
        if state.letters.stop(offset) {
            // Who writes it settles it, unless it stands there already.
            state.skips.insert(offset, reason.to_owned());
            return true;
        }
        let Some(item) = state.remove(offset) else { return false };
        self.settle_unhandled(offset, reason.to_owned());
        // Only who was in turn lets others go on.
        if item.1
            && let Some(next) = state.release(item.0.key)
        {
            state.ready.push_back(next);
        }
        state.changed = true;
        self.show(&state);
        true
    }
}
