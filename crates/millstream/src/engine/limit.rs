//! How many handlers of a listener run at once in this process, over all its partitions.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
    held: Mutex<Option<OwnedSemaphorePermit>>,
    released: AtomicBool,
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
        Some(Permit::new(Arc::clone(self), permit))
    }

    /// Waits for a permit; cancel safe, a dropped future loses its place.
    pub(crate) async fn acquire(self: Arc<Self>) -> Option<Permit> {
        let waiting = Waiting::new(&self);
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        drop(waiting);
        permit.ok().map(|permit| Permit::new(self, permit))
    }
}

impl Permit {
    fn new(limit: Arc<Limit>, permit: OwnedSemaphorePermit) -> Self {
        Self { limit, held: Mutex::new(Some(permit)), released: AtomicBool::new(false) }
    }

    /// Whether who holds it ends after the message in hand: another partition waits for one, or this one was given back.
    pub(crate) fn is_wanted(&self) -> bool {
        self.limit.waiting.load(Ordering::Relaxed) > 0 || self.released.load(Ordering::Relaxed)
    }

    /// Gives it back while the message in hand waits for something that is no handler.
    pub(crate) fn release(&self) {
        self.released.store(true, Ordering::Relaxed);
        drop(self.held.lock().unwrap_or_else(PoisonError::into_inner).take());
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

    #[test]
    fn a_permit_that_was_given_back_is_free_for_others_and_ends_who_held_it() {
        let limit = Arc::new(Limit::new(1));
        let permit = limit.try_acquire().unwrap();
        permit.release();
        assert!(limit.try_acquire().is_some() && permit.is_wanted());
    }

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
