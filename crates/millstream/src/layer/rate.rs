//! How many messages a listener begins in a time, in this process.

use crate::plan::Rate;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::time::Instant;

/// Timers have a millisecond's grain: what is due within this time may begin together.
const BURST: Duration = Duration::from_millis(10);

/// Lets messages begin evenly spaced: a listener of `"500/s"` begins one every two milliseconds, five at most at once.
pub(crate) struct RateLimit {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RateLimit")
    }
}

impl RateLimit {
    pub(crate) fn new(rate: Rate) -> Self {
        let clock = TokioClock(Instant::now());
        let each = (rate.per / rate.messages.get()).max(Duration::from_nanos(1));
        let at_once = BURST.as_nanos().checked_div(each.as_nanos()).unwrap_or(0);
        let at_once = u32::try_from(at_once).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        // A period of nothing is the only one that is refused, and was lifted above.
        let quota = Quota::with_period(each).unwrap_or(Quota::per_second(NonZeroU32::MAX)).allow_burst(at_once);
        Self { limiter: RateLimiter::direct_with_clock(quota, clock), clock }
    }

    /// Waits until one more may begin; a wait that is dropped uses up nothing.
    pub(crate) async fn wait(&self) {
        while let Err(not_yet) = self.limiter.check() {
            tokio::time::sleep(not_yet.wait_time_from(self.clock.now())).await;
        }
    }
}

/// Tokio's clock, which tests can stop.
#[derive(Clone, Copy, Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(messages: u32, seconds: u64) -> RateLimit {
        RateLimit::new(Rate { messages: NonZeroU32::new(messages).unwrap(), per: Duration::from_secs(seconds) })
    }

    async fn begun_within(limit: &RateLimit, time: Duration) -> u32 {
        let mut begun = 0;
        let forever = async {
            loop {
                limit.wait().await;
                begun += 1;
            }
        };
        drop(tokio::time::timeout(time, forever).await);
        begun
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_begin_than_the_rate_says_and_not_many_fewer() {
        for (messages, seconds) in [(2, 1), (500, 1), (20_000, 1), (10, 60)] {
            let begun = begun_within(&limit(messages, seconds), Duration::from_secs(10 * seconds)).await;
            let share = f64::from(begun) / f64::from(10 * messages);
            assert!((0.95..=1.06).contains(&share), "{messages}/{seconds} s: {begun}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_used_is_not_saved_up() {
        let limit = limit(100, 1);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let begun = begun_within(&limit, Duration::from_secs(1)).await;
        assert!((99..=102).contains(&begun), "{begun}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_dropped_uses_up_nothing() {
        let limit = limit(1, 1);
        limit.wait().await;
        for _ in 0..5 {
            drop(tokio::time::timeout(Duration::from_millis(100), limit.wait()).await);
        }
        let start = Instant::now();
        limit.wait().await;
        assert!(start.elapsed() <= Duration::from_millis(502), "{:?}", start.elapsed());
    }
}
