//! What a driver is asked to do between two messages.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// Something that a driver is asked to do between two messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Go to another offset.
    Seek(i64),
    /// Hold.
    Pause {
        /// Who asked for it.
        reason: String,
    },
    /// Go on.
    Resume,
    /// Settle one message without handling it.
    Skip {
        /// Which.
        offset: i64,
        /// Who asked for it, and why.
        reason: String,
    },
}

/// The requests of one lane, and whether it must stop.
///
/// The flags are one atomic, so that the loop over messages pays one relaxed read.
#[derive(Default)]
pub(crate) struct Requests {
    flags: AtomicU32,
    list: Mutex<Vec<Request>>,
    changed: Notify,
}

const STOP: u32 = 1;
const LISTED: u32 = 2;

impl Requests {
    /// Whether the loop over messages must look at [`stopping`](Self::stopping) and [`take`](Self::take).
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.flags.load(Ordering::Relaxed) != 0
    }

    /// Whether the driver must end after the message in hand.
    pub(crate) fn stopping(&self) -> bool {
        self.flags.load(Ordering::Acquire) & STOP != 0
    }

    /// Asks the driver to end after the message in hand.
    pub(crate) fn stop(&self) {
        self.flags.fetch_or(STOP, Ordering::AcqRel);
        self.changed.notify_one();
    }

    /// Asks for something.
    pub(crate) fn push(&self, request: Request) {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        self.flags.fetch_or(LISTED, Ordering::AcqRel);
        self.changed.notify_one();
    }

    /// What was asked for since the last time, in order.
    pub(crate) fn take(&self) -> Vec<Request> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        self.flags.fetch_and(!LISTED, Ordering::AcqRel);
        std::mem::take(&mut list)
    }

    /// Waits until there is something to look at; cancel safe.
    pub(crate) async fn asked(&self) {
        while !self.any() {
            self.changed().await;
        }
    }

    /// Waits until something was asked for since the last call; cancel safe.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}
