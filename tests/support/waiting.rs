//! Waiting for a state instead of for a time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

const INTERVAL: Duration = Duration::from_millis(20);
const GENEROUS: Duration = Duration::from_secs(60);

/// What the running test waits for at the moment, for the message of a test that ran out of time.
pub(crate) type CurrentWait = Arc<Mutex<Vec<String>>>;

tokio::task_local! {
    pub(crate) static CURRENT_WAIT: CurrentWait;
}

/// Names a wait for as long as it lives.
pub(crate) struct Waiting(Option<(CurrentWait, String)>);

impl Waiting {
    pub(crate) fn for_(what: &str) -> Self {
        let current = CURRENT_WAIT.try_with(Arc::clone).ok();
        Self(current.map(|current| {
            lock(&current).push(what.to_owned());
            (current, what.to_owned())
        }))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((current, what)) = &self.0 {
            let mut waits = lock(current);
            if let Some(place) = waits.iter().rposition(|wait| wait == what) {
                waits.remove(place);
            }
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What a condition answers: `bool`, or an `Option` whose content the waiting test wants.
pub trait Answer {
    /// What [`wait_until`] returns.
    type Found;
    /// The answer, when it is there.
    fn found(self) -> Option<Self::Found>;
}

impl Answer for bool {
    type Found = ();
    fn found(self) -> Option<()> {
        self.then_some(())
    }
}

impl<T> Answer for Option<T> {
    type Found = T;
    fn found(self) -> Option<T> {
        self
    }
}

/// Asks again and again until the condition holds (`true` or `Some`), for at most a minute.
///
/// # Panics
/// When the minute is over, with `what`.
pub async fn wait_until<A: Answer>(what: &str, condition: impl AsyncFnMut() -> A) -> A::Found {
    wait_until_within(GENEROUS, what, condition).await
}

/// [`wait_until`] with another bound, for what takes longer than a minute.
///
/// # Panics
/// When the time is over, with `what`.
pub async fn wait_until_within<A: Answer>(
    bound: Duration,
    what: &str,
    mut condition: impl AsyncFnMut() -> A,
) -> A::Found {
    let waiting = Waiting::for_(what);
    let began = Instant::now();
    loop {
        if let Some(found) = condition().await.found() {
            drop(waiting);
            return found;
        }
        assert!(began.elapsed() < bound, "after {bound:?} still waiting until {what}");
        sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_condition_that_holds_later_ends_the_wait_with_its_content() {
        let mut asked = 0;
        let found = wait_until("it was asked three times", async || {
            asked += 1;
            (asked == 3).then_some("here")
        })
        .await;
        assert_eq!(found, "here");
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "still waiting until the moon is blue")]
    async fn a_condition_that_never_holds_panics_with_its_name() {
        wait_until("the moon is blue", async || false).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_wait_is_known_by_name_and_forgotten_at_its_end() {
        let current = CurrentWait::default();
        let seen = Arc::clone(&current);
        CURRENT_WAIT
            .scope(Arc::clone(&current), async {
                wait_until("seen", async || lock(&seen).contains(&"seen".to_owned())).await;
            })
            .await;
        assert!(lock(&current).is_empty());
    }
}
