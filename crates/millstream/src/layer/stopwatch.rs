//! A timeout that does not count some waits: while another process handles the same message, a listener's time
//! stands still.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Sums up the time that does not count.
#[derive(Debug, Default)]
pub(crate) struct Stopwatch {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    uncounted: Duration,
    since: Option<Instant>,
}

impl Stopwatch {
    /// Awaits something whose time does not count; cancel safe if the future is.
    pub(crate) async fn uncounted<T>(&self, future: impl Future<Output = T>) -> T {
        struct Pause<'s>(&'s Stopwatch);
        impl Drop for Pause<'_> {
            fn drop(&mut self) {
                self.0.change(|state| {
                    if let Some(since) = state.since.take() {
                        state.uncounted += since.elapsed();
                    }
                });
            }
        }
        self.change(|state| state.since = Some(Instant::now()));
        let _pause = Pause(self);
        future.await
    }

    /// Awaits the future for `timeout` of counted time; `None` when that is over.
    pub(crate) async fn within<T>(&self, timeout: Duration, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let start = Instant::now();
        let mut counted = Duration::ZERO;
        loop {
            tokio::select! {
                biased;
                output = &mut future => return Some(output),
                () = tokio::time::sleep(timeout.saturating_sub(counted)) => {}
            }
            counted = start.elapsed().saturating_sub(self.read());
            if counted >= timeout {
                return None;
            }
        }
    }

    fn read(&self) -> Duration {
        self.change(|state| state.uncounted + state.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn what_takes_longer_is_stopped() {
        let watch = Stopwatch::default();
        assert_eq!(watch.within(SECOND, sleep(SECOND / 2)).await, Some(()));
        assert_eq!(watch.within(SECOND, sleep(SECOND * 2)).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_uncounted_wait_does_not_use_up_the_time() {
        let watch = Stopwatch::default();
        let in_time = async {
            watch.uncounted(sleep(SECOND * 60)).await;
            sleep(SECOND / 2).await;
        };
        assert_eq!(watch.within(SECOND, in_time).await, Some(()));
        let watch = Stopwatch::default();
        let too_long = async {
            watch.uncounted(sleep(SECOND * 60)).await;
            sleep(SECOND * 2).await;
        };
        assert_eq!(watch.within(SECOND, too_long).await, None);
    }
}
