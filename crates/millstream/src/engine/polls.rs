//! Sees handlers that keep their thread busy: the number of the poll that runs.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

/// Odd while a poll runs; grows by two with each. Two writes a poll, none a message.
#[derive(Debug, Default)]
pub(crate) struct Polls(AtomicU64);

impl Polls {
    pub(crate) fn watch<F: Future + Unpin>(&self, mut future: F) -> impl Future<Output = F::Output> {
        std::future::poll_fn(move |context| {
            self.0.fetch_add(1, Ordering::Relaxed);
            let polled = Pin::new(&mut future).poll(context);
            self.0.fetch_add(1, Ordering::Relaxed);
            polled
        })
    }

    pub(crate) fn running(&self) -> Option<u64> {
        let count = self.0.load(Ordering::Relaxed);
        (count % 2 == 1).then_some(count)
    }
}
