//! What the handlers of one partition share: the messages that wait, and who must wait for whom.

mod driving;
mod ending;
mod handing_out;

use crate::engine::driver::Driver;
use crate::engine::feed::Feed;
use crate::engine::lane::{Lane, LaneState};
use crate::engine::metadata::Ahead;
use crate::engine::signals::Signals;
use crate::engine::wide::item::{Item, Keys};
use crate::engine::wide::letters::Letters;
use crate::plan::ListenerPlan;
use millstream_native::Batch;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// See the module. Only the tasks of one lane use it, so that its lock is never waited for.
pub struct Desk {
    pub(in crate::engine::wide) lane: Arc<Lane>,
    pub(in crate::engine::wide) plan: Arc<ListenerPlan>,
    pub(in crate::engine::wide) signals: Arc<Signals>,
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
    pub(in crate::engine::wide) batch: Arc<Batch>,
    pub(in crate::engine::wide) index: usize,
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
    pub(in crate::engine::wide) fn new(driver: &Driver) -> Self {
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

    /// Whether what was handed out still counts.
    pub(in crate::engine::wide) fn counts(&self, item: &Item) -> bool {
        item.epoch == self.lane.epoch()
    }

    /// Whether one more message may be taken in. A lane that holds nothing takes one whatever its size, and whatever
    /// others hold, so that each gets on.
    fn has_room(&self) -> bool {
        let (count, bytes) = self.lane.with_window(|window| (window.len(), window.bytes())).unwrap_or_default();
        count == 0 || count < self.plan.window as usize && bytes < self.plan.window_bytes && self.lane.has_room()
    }

    /// The letters that are being written.
    pub(in crate::engine::wide) fn with_letters<T>(&self, work: impl FnOnce(&mut Letters) -> T) -> T {
        work(&mut self.state().letters)
    }

    /// The reason why a message is to be settled without being handled.
    pub(in crate::engine::wide) fn take_skip(&self, offset: i64) -> Option<String> {
        self.state().skips.remove(&offset)
    }

    /// Shows what the lane is doing after a message stopped it from being seen.
    pub(in crate::engine::wide) fn show_again(&self) {
        self.show(&self.state());
    }

    /// The same after something was written that may have stopped it.
    pub(in crate::engine::wide) fn show_written(&self, offset: i64) {
        if matches!(self.lane.state(), LaneState::Writing { offset: other, .. } if other == offset) {
            self.show_again();
        }
    }

    /// The lowest offset that is not settled, for a pause to name.
    pub(in crate::engine::wide) fn next(&self) -> i64 {
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
