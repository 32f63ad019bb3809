//! How many handlers of a listener run at once in this process, over all its partitions.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits of one listener, given in the order in which they were asked for.
#[derive(Debug)]
pub(crate) struct Limit {
    count: usize,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The right to run one handler; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    limit: Arc<Limit>,
    _permit: OwnedSemaphorePermit,
}

impl Limit {
    pub(crate) fn new(count: u32) -> Self {
        let count = usize::try_from(count).unwrap_or(usize::MAX).clamp(1, Semaphore::MAX_PERMITS);
        Self { count, permits: Arc::new(Semaphore::new(count)), waiting: AtomicUsize::new(0) }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// A permit, if one is free and nobody was first.
    pub(crate) fn try_acquire(self: &Arc<Self>) -> Option<Permit> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Some(Permit { limit: Arc::clone(self), _permit: permit })
    }

    /// Waits for a permit; cancel safe, a dropped future loses its place.
    pub(crate) async fn acquire(self: Arc<Self>) -> Option<Permit> {
        let waiting = Waiting::new(&self);
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        drop(waiting);
        permit.ok().map(|permit| Permit { limit: self, _permit: permit })
    }
}

impl Permit {
    /// Whether another partition waits for a permit: who holds one gives it up after the message in hand.
    pub(crate) fn is_wanted(&self) -> bool {
        self.limit.waiting.load(Ordering::Relaxed) > 0
    }
}

struct Waiting<'l>(&'l Limit);

impl<'l> Waiting<'l> {
    fn new(limit: &'l Limit) -> Self {
        limit.waiting.fetch_add(1, Ordering::Relaxed);
        Self(limit)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn a_permit_is_wanted_while_somebody_waits_for_one() {
        let limit = Arc::new(Limit::new(1));
        let permit = limit.try_acquire().unwrap();
        assert!(limit.try_acquire().is_none() && !permit.is_wanted());
        let mut waiting = Box::pin(Arc::clone(&limit).acquire());
        assert!(waiting.as_mut().now_or_never().is_none() && permit.is_wanted());
        drop(waiting);
        assert!(!permit.is_wanted(), "who no longer waits wants nothing");
        let waiting = tokio::spawn(Arc::clone(&limit).acquire());
        tokio::task::yield_now().await;
        drop(permit);
        assert!(waiting.await.unwrap().is_some());
    }
}
