//! How many bytes of messages that were taken and are not settled the whole process holds.

use std::sync::atomic::{AtomicU64, Ordering};

/// Shared by all lanes that handle several messages at once.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    used: AtomicU64,
}

impl Budget {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: AtomicU64::new(0) }
    }

    /// Whether more may be taken. A lane that holds nothing takes some whatever this says, so that each gets on.
    pub(crate) fn has_room(&self) -> bool {
        self.used.load(Ordering::Relaxed) < self.limit
    }

    /// A lane holds so many bytes now, and held so many before.
    pub(crate) fn moved(&self, before: u64, now: u64) {
        if now >= before {
            self.used.fetch_add(now - before, Ordering::Relaxed);
        } else {
            self.used.fetch_sub(before - now, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_again_when_lanes_let_go() {
        let budget = Budget::new(100);
        budget.moved(0, 60);
        budget.moved(0, 60);
        assert!(!budget.has_room());
        budget.moved(60, 20);
        assert!(budget.has_room());
    }
}
