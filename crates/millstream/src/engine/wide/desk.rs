//! What the handlers of one partition share: the messages that wait, and who must wait for whom.

use super::item::{Item, Keys, size};
use super::letters::Letters;
use crate::context::Held;
use crate::engine::driver::Driver;
use crate::engine::feed::Feed;
use crate::engine::lane::{Called, Lane, LaneState};
use crate::engine::metadata::Ahead;
use crate::engine::signals::Signals;
use crate::engine::window::{Ended, NO_EPOCH};
use crate::events::Event;
use crate::plan::{ListenerPlan, OrderBy};
use millstream_native::{Batch, Message};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// See the module. Only the tasks of one lane use it, so that its lock is never waited for.
pub struct Desk {
    pub(super) lane: Arc<Lane>,
    pub(super) plan: Arc<ListenerPlan>,
    pub(super) signals: Arc<Signals>,
    feed: Arc<Feed>,
    /// Where the driver began.
    start: i64,
    keys: Keys,
    /// Whether a worker collects a batch.
    collecting: AtomicBool,
    /// Wakes it.
    more: Notify,
    state: Mutex<State>,
}

struct State {
    /// Whether messages are handed out.
    open: bool,
    /// Pulled, and not looked at yet.
    queue: VecDeque<Stretch>,
    queued: usize,
    /// May run now.
    ready: VecDeque<Item>,
    /// The keys that have a message in hand, and what waits for it.
    busy: HashMap<u64, VecDeque<Item>>,
    /// Retries, by when they are due.
    later: BTreeMap<(Instant, i64), Item>,
    /// Failed for good, until somebody resumes or skips them.
    parked: BTreeMap<i64, Parked>,
    /// On their way to another topic.
    letters: Letters,
    /// To be settled without being handled, and why.
    skips: BTreeMap<i64, String>,
    /// The group's position said that this listener is beyond it: what lies between was settled before.
    ahead: Option<Ahead>,
    /// The lowest offset that was not handed out.
    next: i64,
    /// The driver must look: a retry was scheduled, more messages are wanted.
    changed: bool,
}

struct Parked {
    item: Item,
    reason: String,
}

/// Messages of one batch, from this one on.
pub(crate) struct Stretch {
    pub(super) batch: Arc<Batch>,
    pub(super) index: usize,
}

/// What a worker has to do.
pub(crate) enum Taken {
    /// Nothing: it ends.
    Nothing,
    /// These, in their order, as nothing else is open; what is below the offset was delivered before.
    Stretch(Stretch, i64),
    /// This one.
    One(Item),
}

impl Desk {
    pub(super) fn new(driver: &Driver) -> Self {
        let state = State {
            open: true,
            queue: VecDeque::new(),
            queued: 0,
            ready: VecDeque::new(),
            busy: HashMap::new(),
            later: BTreeMap::new(),
            parked: BTreeMap::new(),
            letters: Letters::default(),
            // Those before the start would keep every message from the short way.
            skips: driver.skips().split_off(&driver.start),
            ahead: driver.ahead,
            next: driver.start,
            changed: false,
        };
        Self {
            lane: Arc::clone(&driver.lane),
            plan: Arc::clone(&driver.plan),
            signals: Arc::clone(&driver.signals),
            feed: Arc::clone(&driver.feed),
            start: driver.start,
            keys: Keys::default(),
            collecting: AtomicBool::new(false),
            more: Notify::new(),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // For workers.

    /// The next thing to do.
    pub(super) fn take(&self) -> Taken {
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
    pub(super) fn take_one(&self) -> Option<Item> {
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
    pub(super) fn hands_out(&self) -> bool {
        self.state().open && !self.lane.requests().stopping()
    }

    /// Becomes the one worker that collects a batch; otherwise wakes the one that does.
    pub(super) fn begin_collecting(&self) -> bool {
        let first = !self.collecting.swap(true, Ordering::AcqRel);
        if !first {
            self.more.notify_one();
        }
        first
    }

    pub(super) fn end_collecting(&self) {
        self.collecting.store(false, Ordering::Release);
    }

    /// Waits until there may be more to collect, or nothing is handed out any more; cancel safe.
    pub(super) async fn more(&self) {
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
        let item = Item { held, offset, key, attempt: 1, since: None, epoch: self.lane.epoch() };
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
    pub(super) fn suspend(&self, held: &Held, called: Called, rest: Stretch) -> Item {
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
        Item { held: Held::Nothing, offset, key, attempt: 1, since: None, epoch: self.lane.epoch() }
    }

    /// All of a stretch was handled in its order.
    pub(super) fn exhausted(&self, batch: Arc<Batch>, next: i64) {
        let mut state = self.state();
        state.next = state.next.max(next);
        self.lane.with_window(|window| window.advance(next));
        state.changed = true;
        drop(state);
        self.feed.give_back(batch);
    }

    /// A stretch was interrupted before this message.
    pub(super) fn interrupted(&self, stretch: Stretch, next: i64) {
        let mut state = self.state();
        state.next = state.next.max(next);
        self.lane.with_window(|window| window.advance(next));
        state.put_back(stretch);
        state.changed = true;
    }

    /// Gives back what cannot be handled now.
    pub(super) fn put_back(&self, item: Item) {
        let mut state = self.state();
        if !self.counts(&item) {
            return;
        }
        state.ready.push_front(item);
        state.changed = true;
    }

    /// Whether what was handed out still counts.
    pub(super) fn counts(&self, item: &Item) -> bool {
        item.epoch == self.lane.epoch()
    }

    /// A message has ended for good; what waited for it comes next.
    pub(super) fn ended(&self, item: &Item, how: Ended) -> Option<Item> {
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
    pub(super) fn retry(&self, mut item: Item, at: Instant, reason: String) {
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
    pub(super) fn park(&self, mut item: Item, reason: String) {
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
    pub(super) fn settle_unhandled(&self, offset: i64, reason: String) {
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

    // For the driver.

    /// Whether a worker would find something to do.
    pub(super) fn has_work(&self) -> bool {
        let state = self.state();
        state.open && (!state.ready.is_empty() || !state.queue.is_empty() && self.has_room())
    }

    /// Whether one more message may be taken in. A lane that holds nothing takes one whatever its size, and whatever
    /// others hold, so that each gets on.
    fn has_room(&self) -> bool {
        let (count, bytes) = self.lane.with_window(|window| (window.len(), window.bytes())).unwrap_or_default();
        count == 0 || count < self.plan.window as usize && bytes < self.plan.window_bytes && self.lane.has_room()
    }

    /// Whether the driver must look since the last call.
    pub(super) fn take_changed(&self) -> bool {
        std::mem::take(&mut self.state().changed)
    }

    /// Whether more messages are to be pulled, where so many handlers may run at once.
    pub(super) fn wants_more(&self, at_once: usize) -> bool {
        let state = self.state();
        let nothing_open = self.lane.with_window(|window| window.is_empty()).unwrap_or(true);
        state.open && state.queued < at_once && self.has_room() && (state.queued == 0 || !nothing_open)
    }

    /// Messages that were pulled.
    pub(super) fn push(&self, batch: Arc<Batch>, index: usize) {
        let mut state = self.state();
        state.queued += batch.len().saturating_sub(index);
        state.queue.push_back(Stretch { batch, index });
    }

    /// Makes retries that are due ready; when the next is.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state();
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
    pub(super) fn close(&self) {
        self.state().open = false;
        self.more.notify_one();
    }

    pub(super) fn open(&self) {
        let mut state = self.state();
        state.open = true;
        state.changed = true;
        self.show(&state);
    }

    /// Forgets everything and begins at another offset; what is in hand no longer counts.
    pub(super) fn reset(&self, offset: i64) {
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
    pub(super) fn pass_over_lost(&self, to: i64) {
        let state = self.state();
        // What was pulled and not looked at lies before the loss: the position moves on with it.
        if state.queue.is_empty() {
            self.lane.change_window(|window| window.pass_over_lost(to));
        }
    }

    /// Tries what was given up again; whether there was anything.
    pub(super) fn resume_parked(&self) -> bool {
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
    pub(super) fn skip(&self, offset: i64, reason: &str) -> bool {
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

    /// The letters that are being written.
    pub(super) fn with_letters<T>(&self, work: impl FnOnce(&mut Letters) -> T) -> T {
        work(&mut self.state().letters)
    }

    /// The reason why a message is to be settled without being handled.
    pub(super) fn take_skip(&self, offset: i64) -> Option<String> {
        self.state().skips.remove(&offset)
    }

    /// Shows what the lane is doing after a message stopped it from being seen.
    pub(super) fn show_again(&self) {
        self.show(&self.state());
    }

    /// The lowest offset that is not settled, for a pause to name.
    pub(super) fn next(&self) -> i64 {
        self.state().next
    }

    /// Shows what the lane is doing, unless somebody holds it: that stays to be seen.
    fn show(&self, state: &State) {
        if !state.open {
            return;
        }
        let parked = state.parked.first_key_value();
        self.lane.set_state(match parked {
            Some((offset, parked)) => LaneState::Paused { offset: *offset, reason: parked.reason.clone() },
            None => LaneState::Running,
        });
    }
}

impl State {
    /// The next message of the queue, counted as handed out; `None` behind the last of the first stretch.
    fn next_queued(&mut self) -> Option<(Arc<Batch>, usize)> {
        let stretch = self.queue.front_mut()?;
        let index = stretch.index;
        if index >= stretch.batch.len() {
            return None;
        }
        stretch.index += 1;
        self.queued = self.queued.saturating_sub(1);
        Some((Arc::clone(&stretch.batch), index))
    }

    fn put_back(&mut self, stretch: Stretch) {
        self.queued += stretch.batch.len().saturating_sub(stretch.index);
        self.queue.push_front(stretch);
    }

    /// A message of this key has ended: the next one, or the key is free.
    fn release(&mut self, key: Option<u64>) -> Option<Item> {
        let key = key?;
        let next = self.busy.get_mut(&key).and_then(VecDeque::pop_front);
        if next.is_none() {
            self.busy.remove(&key);
        }
        next
    }

    /// Takes a message out that is not in hand, and whether it was the one in turn of its key.
    fn remove(&mut self, offset: i64) -> Option<(Item, bool)> {
        if let Some(parked) = self.parked.remove(&offset) {
            return Some((parked.item, true));
        }
        if let Some(key) = self.later.keys().find(|(_, other)| *other == offset).copied() {
            return self.later.remove(&key).map(|item| (item, true));
        }
        if let Some(index) = self.ready.iter().position(|item| item.offset == offset) {
            return self.ready.remove(index).map(|item| (item, true));
        }
        for waiting in self.busy.values_mut() {
            if let Some(index) = waiting.iter().position(|item| item.offset == offset) {
                return waiting.remove(index).map(|item| (item, false));
            }
        }
        None
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Desk({:?})", self.lane)
    }
}
