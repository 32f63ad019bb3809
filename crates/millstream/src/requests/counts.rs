//! What became of requests and replies.

use std::sync::atomic::{AtomicU64, Ordering};

/// What became of requests and replies since the start.
///
/// Every request that was sent is, in the end, in exactly one of `answered`, `timed_out`, `cancelled` and `failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RequestCounts {
    /// Requests that were sent, whether the brokers have acknowledged them yet or not.
    pub sent: u64,
    /// Requests that were answered, be it with an error; of several replies, the last one has come.
    pub answered: u64,
    /// Requests whose time was over.
    pub timed_out: u64,
    /// Requests that nobody waits for any more: their future was dropped.
    pub cancelled: u64,
    /// Requests that the brokers did not take, whose reader was too slow, or that the end of the application ended.
    pub failed: u64,
    /// Replies to requests of ours that nobody waited for any more, and replies after the last.
    pub late: u64,
    /// Replies in our partition that answer somebody else's requests, or that name none.
    pub foreign: u64,
}

/// [`RequestCounts`] while they grow.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) sent: AtomicU64,
    pub(super) answered: AtomicU64,
    pub(super) timed_out: AtomicU64,
    pub(super) cancelled: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) late: AtomicU64,
    pub(super) foreign: AtomicU64,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> RequestCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RequestCounts {
            sent: read(&self.sent),
            answered: read(&self.answered),
            timed_out: read(&self.timed_out),
            cancelled: read(&self.cancelled),
            failed: read(&self.failed),
            late: read(&self.late),
            foreign: read(&self.foreign),
        }
    }
}
