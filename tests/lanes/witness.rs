//! What handlers did, and whether two of one key ever ran side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use millstream::Context;

/// A message in a handler's hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    /// Without one all messages of a partition are of one kind.
    pub(crate) key: Option<String>,
    pub(crate) attempt: u32,
}

/// Looks on; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    begun: Vec<Seen>,
    done: Vec<Seen>,
    running: Vec<Seen>,
    most: usize,
    side_by_side: Vec<(Seen, Seen)>,
}

/// A handler at work.
pub(crate) struct AtWork {
    witness: Witness,
    seen: Seen,
}

impl Witness {
    pub(crate) fn begins(&self, ctx: &Context) -> AtWork {
        let key = ctx.key().map(|key| String::from_utf8_lossy(key).into_owned());
        let seen = Seen { partition: ctx.partition(), offset: ctx.offset(), key, attempt: ctx.attempt() };
        let mut state = self.state();
        let same = |other: &&Seen| (other.partition, &other.key) == (seen.partition, &seen.key);
        if let Some(other) = state.running.iter().find(same).cloned() {
            state.side_by_side.push((other, seen.clone()));
        }
        state.begun.push(seen.clone());
        state.running.push(seen.clone());
        state.most = state.most.max(state.running.len());
        drop(state);
        AtWork { witness: self.clone(), seen }
    }

    /// Every call so far, in the order of their beginnings.
    pub(crate) fn begun(&self) -> Vec<Seen> {
        self.state().begun.clone()
    }

    /// The offsets of all calls so far, sorted.
    pub(crate) fn offsets(&self) -> Vec<i64> {
        let mut offsets: Vec<i64> = self.state().begun.iter().map(|seen| seen.offset).collect();
        offsets.sort_unstable();
        offsets
    }

    /// Every call that succeeded, in the order of their ends.
    pub(crate) fn done(&self) -> Vec<Seen> {
        self.state().done.clone()
    }

    /// How often a message was begun.
    pub(crate) fn times(&self, offset: i64) -> usize {
        self.state().begun.iter().filter(|seen| seen.offset == offset).count()
    }

    /// The attempts at a message, in their order.
    pub(crate) fn attempts(&self, offset: i64) -> Vec<u32> {
        self.state().begun.iter().filter(|seen| seen.offset == offset).map(|seen| seen.attempt).collect()
    }

    /// How many handlers run.
    pub(crate) fn running(&self) -> usize {
        self.state().running.len()
    }

    /// How many handlers ran at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.state().most
    }

    /// The partitions and offsets that were handled.
    pub(crate) fn handled(&self) -> BTreeSet<(i32, i64)> {
        self.state().done.iter().map(|seen| (seen.partition, seen.offset)).collect()
    }

    /// Fails if two messages of one key were in hand at once, or were first handled in another order than that of their
    /// offsets.
    pub(crate) fn assert_order_by_key(&self) {
        let state = self.state();
        assert!(state.side_by_side.is_empty(), "side by side: {:?}", state.side_by_side.first());
        let mut met = BTreeSet::new();
        let mut last: BTreeMap<(i32, &Option<String>), i64> = BTreeMap::new();
        for seen in &state.done {
            if !met.insert((seen.partition, seen.offset)) {
                continue;
            }
            let before = last.insert((seen.partition, &seen.key), seen.offset);
            assert!(before < Some(seen.offset), "{seen:?} was handled after offset {before:?}");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AtWork {
    /// The handler returns `Ok`.
    pub(crate) fn succeeded(self) {
        self.witness.state().done.push(self.seen.clone());
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut state = self.witness.state();
        if let Some(index) = state.running.iter().position(|other| *other == self.seen) {
            state.running.swap_remove(index);
        }
    }
}
