//! What wakes a producer's thread.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wakes the thread.
#[derive(Default)]
pub(super) struct Bell {
    state: Mutex<Rung>,
    rang: Condvar,
}

#[derive(Default)]
struct Rung {
    rung: bool,
    stop: bool,
}

impl Bell {
    pub(super) fn ring(&self, stop: bool) {
        let mut state = self.lock();
        state.rung = true;
        state.stop |= stop;
        self.rang.notify_all();
    }

    /// Waits for a ring; whether to stop.
    pub(super) fn wait(&self, time: Duration) -> bool {
        let state = self.lock();
        let waited = self.rang.wait_timeout_while(state, time, |state| !state.rung);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.rung = false;
        state.stop
    }

    pub(super) fn stopped(&self) -> bool {
        self.lock().stop
    }

    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
