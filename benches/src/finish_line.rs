//! Counts handled messages and tells when the last of them was.

use anyhow::{Context as _, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Passed by every message once.
#[derive(Debug)]
pub(crate) struct FinishLine {
    passed: AtomicU64,
    expected: u64,
    reached: Notify,
}

impl FinishLine {
    pub(crate) fn new(expected: u64) -> Self {
        Self { passed: AtomicU64::new(0), expected, reached: Notify::new() }
    }

    pub(crate) fn pass(&self) {
        if self.passed.fetch_add(1, Ordering::Relaxed) + 1 == self.expected {
            self.reached.notify_one();
        }
    }

    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// Waits until all have passed.
    pub(crate) async fn reached(&self, patience: Duration) -> Result<()> {
        let reached = tokio::time::timeout(patience, self.reached.notified()).await;
        reached.with_context(|| format!("{} of {} messages handled in {patience:?}", self.passed(), self.expected))
    }
}
