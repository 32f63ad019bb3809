//! What a handler asked for.

use std::sync::atomic::{AtomicI64, Ordering};

/// The verb that a handler called last.
#[derive(Default)]
pub(crate) struct Verb {
    /// `NONE`, `COMMIT`, `DEFER`, `ANSWER`, or the offset of a rewind.
    last: AtomicI64,
}

/// What a handler asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called {
    /// No verb.
    Nothing,
    /// The message is done.
    Commit,
    /// Back to this offset.
    Rewind(i64),
    /// Somebody else settles it.
    Defer,
}

// Offsets start at 0, so that the values below are free; zero is the default and the cheapest to set.
const NONE: i64 = 0;
const COMMIT: i64 = -1;
const DEFER: i64 = -2;
// Not a verb: none was called, and there is something to look at nevertheless.
const ANSWER: i64 = -3;

impl Verb {
    pub(crate) fn commit(&self) {
        self.last.store(COMMIT, Ordering::Relaxed);
    }

    pub(crate) fn defer(&self) {
        self.last.store(DEFER, Ordering::Relaxed);
    }

    pub(crate) fn rewind(&self, offset: i64) {
        self.last.store(offset.saturating_add(1).max(1), Ordering::Relaxed);
    }

    /// The method returned something that is to be sent; what was called stands.
    pub(crate) fn answer(&self) {
        // Where a verb was called already, that is seen as well.
        let _ = self.last.compare_exchange(NONE, ANSWER, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Takes over what was called on another.
    pub(crate) fn copy(&self, other: &Self) {
        self.last.store(other.last.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        *self.last.get_mut() = NONE;
    }

    /// Whether there is more to do than after a plain success: a verb was called, or an answer was left.
    #[inline]
    pub(crate) fn is_called(&self) -> bool {
        self.last.load(Ordering::Relaxed) != NONE
    }

    pub(crate) fn called(&self) -> Called {
        match self.last.load(Ordering::Relaxed) {
            NONE | ANSWER => Called::Nothing,
            COMMIT => Called::Commit,
            DEFER => Called::Defer,
            offset => Called::Rewind(offset - 1),
        }
    }
}
