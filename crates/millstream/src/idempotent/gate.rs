//! Lets a message through to its listener once.

use super::key::{key, scope};
use super::store::{Claim, IdempotencyStore, Token};
use crate::context::Context;
use crate::engine::dispatch::Handler;
use crate::engine::lane::Called;
use crate::error::{BoxError, Error};
use crate::layer::{LayerOutcome, Passed, Stopwatch, until_wanted};
use crate::listener::{Failure, Outcome};
use crate::plan::{IdempotencyKey, IdempotentPlan};
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, interval_at, sleep};

/// The first and the longest wait before a store is asked again.
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// See the module.
pub(crate) struct Gate {
    store: Arc<dyn IdempotencyStore>,
    key: IdempotencyKey,
    scope: String,
    ttl: Duration,
    lease: Duration,
    auto_commit: bool,
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Gate({})", self.scope)
    }
}

impl Gate {
    pub(crate) fn new(
        plan: &IdempotentPlan,
        store: Arc<dyn IdempotencyStore>,
        group_id: &str,
        listener: &str,
        auto_commit: bool,
    ) -> Self {
        Self {
            store,
            key: plan.key.clone(),
            scope: scope(group_id, listener),
            ttl: plan.ttl,
            lease: plan.lease,
            auto_commit,
        }
    }

    /// Calls the listener, unless the message was handled before.
    pub(crate) async fn handle<H: Handler>(&self, context: &Context, watch: &Stopwatch, handler: &H) -> LayerOutcome {
        let key = format!("{}{}", self.scope, key(&self.key, context)?);
        let Some(token) = watch.uncounted(until_wanted(context, self.claim(&key))).await?? else {
            return Ok(Passed::HandledBefore);
        };
        let claimed = Claimed { store: Arc::clone(&self.store), key: Some(key), token };
        let mut outcome = self.renewing(&claimed, handler.handle(context)).await;
        if outcome.is_ok() && context.verb().called() == Called::Defer {
            outcome = watch.uncounted(self.renewing(&claimed, context.deferred())).await;
            if outcome.is_ok() {
                // Whoever held it has settled it: nobody waits for it any more.
                context.verb().commit();
            }
        }
        // A commit that came too late settled nothing, and who asks for its answer first has not handled the message yet.
        let is_too_late = outcome.is_err() && context.cancellation().is_cancelled();
        if !is_too_late && is_handled(context.verb().called(), outcome.is_ok(), self.auto_commit) {
            // Not interrupted by a mere request: the effect is there, and forgetting it would repeat it.
            watch
                .uncounted(async {
                    tokio::select! {
                        biased;
                        remembered = self.remember(&claimed) => remembered.map_err(Box::from),
                        () = context.cancellation().cancelled() => Err(Box::new(Failure::Interrupted)),
                    }
                })
                .await?;
            claimed.forget();
        } else {
            claimed.release().await;
        }
        outcome.map(|()| Passed::Handled)
    }

    /// Claims the key, waiting for whoever handles it now; `None` if it was handled.
    async fn claim(&self, key: &str) -> Result<Option<Token>, Error> {
        let mut wait = FIRST_WAIT;
        let mut trouble: Option<Instant> = None;
        loop {
            let pause = match self.store.claim(key, self.lease).await {
                Ok(Claim::New(token)) => return Ok(Some(token)),
                Ok(Claim::Done) => return Ok(None),
                Ok(Claim::InProgress { remaining }) => {
                    trouble = None;
                    wait.min(remaining.max(Duration::from_millis(1)))
                }
                Err(error) => {
                    self.trouble(&mut trouble, error)?;
                    wait
                }
            };
            sleep(pause).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Marks the key as done. The listener had its effect: this is worth more than one try.
    async fn remember(&self, claimed: &Claimed) -> Result<(), Error> {
        let Some(key) = &claimed.key else { return Ok(()) };
        let mut wait = FIRST_WAIT;
        let mut trouble = None;
        while let Err(error) = self.store.done(key, &claimed.token, self.ttl).await {
            self.trouble(&mut trouble, error)?;
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        Ok(())
    }

    /// A store that cannot be asked is borne for as long as a lease.
    fn trouble(&self, since: &mut Option<Instant>, error: BoxError) -> Result<(), Error> {
        match since {
            None => {
                tracing::warn!(scope = self.scope, %error, "the store of handled keys does not answer: the message waits");
                *since = Some(Instant::now());
                Ok(())
            }
            Some(first) if first.elapsed() < self.lease => Ok(()),
            Some(_) => Err(Error::new(StoreAway(error))),
        }
    }

    /// Awaits the listener while the claim is renewed.
    async fn renewing(&self, claimed: &Claimed, call: impl Future<Output = Outcome>) -> Outcome {
        let mut call = pin!(call);
        let every = (self.lease / 3).max(Duration::from_millis(1));
        let mut due = interval_at(Instant::now() + every, every);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                outcome = &mut call => return outcome,
                _ = due.tick() => {}
            }
            let Some(key) = &claimed.key else { continue };
            let renewal = self.store.renew(key, &claimed.token, self.lease);
            tokio::select! {
                biased;
                outcome = &mut call => return outcome,
                renewed = renewal => match renewed {
                    Ok(true) => {}
                    Ok(false) => tracing::warn!(
                        scope = self.scope,
                        "a claim ended while its message was handled: another process may handle it too"
                    ),
                    Err(error) => tracing::warn!(scope = self.scope, %error, "a claim could not be renewed"),
                },
            }
        }
    }
}

/// Whether a message counts as handled, so that its key is done.
fn is_handled(called: Called, is_ok: bool, auto_commit: bool) -> bool {
    match called {
        // What follows a commit is reported, not retried.
        Called::Commit => true,
        Called::Rewind(_) => false,
        Called::Nothing | Called::Defer => is_ok && auto_commit,
    }
}

/// A key that is ours, until it is done or released.
struct Claimed {
    store: Arc<dyn IdempotencyStore>,
    key: Option<String>,
    token: Token,
}

impl Claimed {
    fn forget(mut self) {
        self.key = None;
    }

    async fn release(mut self) {
        if let Some(key) = self.key.take() {
            released(&*self.store, &key, &self.token).await;
        }
    }
}

impl Drop for Claimed {
    /// The listener was stopped where it waited, or panicked: others need not wait for the lease to end.
    fn drop(&mut self) {
        let Some(key) = self.key.take() else { return };
        let (store, token) = (Arc::clone(&self.store), self.token.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(async move { released(&*store, &key, &token).await }));
        }
    }
}

async fn released(store: &dyn IdempotencyStore, key: &str, token: &Token) {
    if let Err(error) = store.release(key, token).await {
        tracing::warn!(%error, "a claimed key could not be released: it ends with its lease");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the store of handled keys (`idempotent`) does not answer: {0}")]
struct StoreAway(BoxError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_settled_counts_as_handled() {
        for (called, is_ok, auto_commit, handled) in [
            (Called::Nothing, true, true, true),
            (Called::Nothing, true, false, false),
            (Called::Nothing, false, true, false),
            (Called::Nothing, false, false, false),
            (Called::Commit, true, true, true),
            (Called::Commit, true, false, true),
            (Called::Commit, false, true, true),
            (Called::Commit, false, false, true),
            (Called::Rewind(3), true, true, false),
            (Called::Rewind(3), false, false, false),
            (Called::Defer, false, true, false),
            (Called::Defer, false, false, false),
        ] {
            assert_eq!(is_handled(called, is_ok, auto_commit), handled, "{called:?} {is_ok} {auto_commit}");
        }
    }
}
