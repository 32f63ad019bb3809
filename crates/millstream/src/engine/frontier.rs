//! How far one lane is: the lowest offset that is not settled.

use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

/// The position of one lane, written by its driver and its handlers, read by the control thread.
///
/// A position goes to the broker with the leader epoch of its last message. The two are read together
/// without a lock: the driver takes the epoch away before it lets the position pass into another one.
#[derive(Debug)]
pub(crate) struct Frontier {
    position: AtomicI64,
    leader_epoch: AtomicI32,
}

const UNKNOWN: i64 = -1;
const NO_EPOCH: i32 = -1;

impl Default for Frontier {
    fn default() -> Self {
        Self { position: AtomicI64::new(UNKNOWN), leader_epoch: AtomicI32::new(NO_EPOCH) }
    }
}

/// A position and the leader epoch of the message before it, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: Option<i32>,
}

impl Frontier {
    /// Moves to an offset, forward or back.
    #[inline]
    pub(crate) fn set(&self, offset: i64) {
        self.position.store(offset, Ordering::Release);
    }

    /// Moves to an offset whose leader epoch is unknown.
    pub(crate) fn jump(&self, offset: i64) {
        self.enter(NO_EPOCH);
        self.set(offset);
    }

    /// Says which leader epoch the messages settled from now on have; -1 if they differ.
    pub(crate) fn enter(&self, leader_epoch: i32) {
        self.leader_epoch.store(leader_epoch, Ordering::Release);
    }

    pub(crate) fn leader_epoch(&self) -> i32 {
        self.leader_epoch.load(Ordering::Acquire)
    }

    /// The offset, or `None` before the first one is known.
    pub(crate) fn offset(&self) -> Option<i64> {
        let offset = self.position.load(Ordering::Acquire);
        (offset != UNKNOWN).then_some(offset)
    }

    /// The position as it is sent.
    pub(crate) fn read(&self) -> Option<Position> {
        let before = self.leader_epoch();
        let offset = self.offset()?;
        let after = self.leader_epoch();
        let leader_epoch = (before == after && before != NO_EPOCH).then_some(before);
        Some(Position { offset, leader_epoch })
    }
}
