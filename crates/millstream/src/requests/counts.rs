//! What became of requests and replies.

/// What became of requests and replies since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RequestCounts {
    /// Requests that the broker has.
    pub sent: u64,
    /// Requests that were answered, be it with an error.
    pub answered: u64,
    /// Requests whose time was over.
    pub timed_out: u64,
    /// Requests that nobody waits for any more: their future was dropped.
    pub cancelled: u64,
    /// Replies to requests of ours that nobody waited for any more, and replies after the first.
    pub late: u64,
    /// Replies in our partition that answer somebody else's requests, or that name none.
    pub foreign: u64,
}
