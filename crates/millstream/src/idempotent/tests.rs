//! The gate before a handler, without an engine.

use super::*;
use crate::OwnedMessage;
use crate::context::{Context, Deferred};
use crate::engine::dispatch::Handler;
use crate::error::Error;
use crate::layer::{Passed, Stopwatch};
use crate::listener::{Failure, Outcome};
use crate::plan::{IdempotencyKey, IdempotentPlan};
use crate::testing::{ContextFacts, Recorder, context};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const LEASE: Duration = Duration::from_secs(30);
/// What the store calls the message of the tests.
const KEY: &str = "billing:Billing.on_order:a";

#[derive(Default)]
struct Listener {
    calls: AtomicU32,
    fails: AtomicBool,
    panics: bool,
    rewinds: bool,
    takes: Duration,
}

impl Handler for Listener {
    async fn handle<'m>(&'m self, context: &'m Context) -> Outcome {
        self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        assert!(!self.panics, "as the test wants it");
        if self.rewinds {
            drop(context.commit_offsets(context.offset()));
        }
        if self.fails.load(Ordering::SeqCst) { Err(Error::new("as the test wants it").into()) } else { Ok(()) }
    }
}

impl Listener {
    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

fn gate(store: &Arc<impl IdempotencyStore>, auto_commit: bool) -> Gate {
    let plan = IdempotentPlan {
        key: IdempotencyKey::MessageKey,
        ttl: Duration::from_secs(3600),
        lease: LEASE,
        store: "memory".into(),
    };
    Gate::new(&plan, Arc::clone(store) as Arc<dyn IdempotencyStore>, "billing", "Billing.on_order", auto_commit)
}

fn message(key: &'static str) -> (Context, Recorder) {
    let mut message = OwnedMessage::new("orders", 0, 7);
    message.key = Some(key.as_bytes().to_vec().into());
    context(message, ContextFacts::default())
}

async fn pass(gate: &Gate, listener: &Listener) -> Result<Passed, Box<Failure>> {
    let (context, _recorder) = message("a");
    gate.handle(&context, &Stopwatch::default(), listener).await
}

#[tokio::test(start_paused = true)]
async fn what_was_handled_is_not_handled_again() {
    let (gate, listener) = (gate(&Arc::new(MemoryStore::default()), true), Listener::default());
    assert_eq!(pass(&gate, &listener).await.unwrap(), Passed::Handled);
    assert_eq!(pass(&gate, &listener).await.unwrap(), Passed::HandledBefore);
    assert_eq!(listener.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_failed_or_was_taken_back_is_handled_again_at_once() {
    let store = Arc::new(MemoryStore::default());
    for listener in
        [Listener { fails: true.into(), ..Listener::default() }, Listener { rewinds: true, ..Listener::default() }]
    {
        let start = Instant::now();
        drop(pass(&gate(&store, true), &listener).await);
        drop(pass(&gate(&store, true), &listener).await);
        assert_eq!(listener.calls(), 2);
        assert!(start.elapsed() < LEASE);
    }
}

#[tokio::test(start_paused = true)]
async fn a_manual_listener_that_does_not_commit_has_not_handled_it() {
    let (gate, listener) = (gate(&Arc::new(MemoryStore::default()), false), Listener::default());
    pass(&gate, &listener).await.unwrap();
    pass(&gate, &listener).await.unwrap();
    assert_eq!(listener.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_a_stopped_listener_release_the_key() {
    let store = Arc::new(MemoryStore::default());
    let task = tokio::spawn({
        let gate = gate(&store, true);
        async move { pass(&gate, &Listener { panics: true, ..Listener::default() }).await.is_ok() }
    });
    assert!(task.await.unwrap_err().is_panic());
    let hanging = Listener { takes: LEASE * 100, ..Listener::default() };
    drop(tokio::time::timeout(Duration::from_secs(1), pass(&gate(&store, true), &hanging)).await);
    let start = Instant::now();
    assert_eq!(pass(&gate(&store, true), &Listener::default()).await.unwrap(), Passed::Handled);
    assert!(start.elapsed() < LEASE / 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_in_other_hands_is_waited_for_until_its_lease_ends() {
    let store = Arc::new(MemoryStore::default());
    let gate = gate(&store, true);
    // Another process has claimed it, and died.
    store.claim(KEY, LEASE).await.unwrap();
    let (context, _recorder) = message("a");
    let (watch, listener, start) = (Stopwatch::default(), Listener::default(), Instant::now());
    let passed = watch.within(Duration::from_secs(1), gate.handle(&context, &watch, &listener)).await;
    assert_eq!(passed.expect("the wait does not count for the timeout").unwrap(), Passed::Handled);
    assert!(start.elapsed() >= LEASE);
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_takes_longer_than_the_lease_keeps_its_claim() {
    let store = Arc::new(MemoryStore::default());
    let slow = Listener { takes: LEASE * 3, ..Listener::default() };
    let fast = Listener::default();
    let (first, second) = (gate(&store, true), gate(&store, true));
    let later = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        pass(&second, &fast).await
    };
    let (one, other) = tokio::join!(pass(&first, &slow), later);
    assert_eq!((one.unwrap(), other.unwrap()), (Passed::Handled, Passed::HandledBefore));
    assert_eq!(fast.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_a_key_lets_go_when_the_partition_is_taken_away() {
    let store = Arc::new(MemoryStore::default());
    store.claim(KEY, LEASE).await.unwrap();
    let (context, recorder) = message("a");
    recorder.cancel();
    let (gate, listener) = (gate(&store, true), Listener::default());
    let failure = gate.handle(&context, &Stopwatch::default(), &listener).await.unwrap_err();
    assert!(matches!(*failure, Failure::Interrupted), "{failure}");
    assert_eq!(listener.calls(), 0);
}

/// A store that cannot be reached for a time.
struct Away {
    until: Instant,
    inner: MemoryStore,
}

impl Away {
    fn check(&self) -> Result<(), crate::BoxError> {
        if Instant::now() < self.until { Err("away".into()) } else { Ok(()) }
    }
}

impl IdempotencyStore for Away {
    fn claim<'s>(&'s self, key: &'s str, lease: Duration) -> StoreFuture<'s, Claim> {
        Box::pin(async move {
            self.check()?;
            self.inner.claim(key, lease).await
        })
    }

    fn renew<'s>(&'s self, key: &'s str, token: &'s Token, lease: Duration) -> StoreFuture<'s, bool> {
        self.inner.renew(key, token, lease)
    }

    fn done<'s>(&'s self, key: &'s str, token: &'s Token, ttl: Duration) -> StoreFuture<'s, ()> {
        Box::pin(async move {
            self.check()?;
            self.inner.done(key, token, ttl).await
        })
    }

    fn release<'s>(&'s self, key: &'s str, token: &'s Token) -> StoreFuture<'s, ()> {
        self.inner.release(key, token)
    }
}

fn away(time: Duration) -> Arc<Away> {
    Arc::new(Away { until: Instant::now() + time, inner: MemoryStore::default() })
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_for_less_than_a_lease_is_waited_for() {
    let (gate, listener) = (gate(&away(LEASE / 2), true), Listener::default());
    assert_eq!(pass(&gate, &listener).await.unwrap(), Passed::Handled);
    assert_eq!(listener.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_stays_away_is_a_failure_that_may_be_retried_and_nothing_is_handled() {
    let (gate, listener) = (gate(&away(LEASE * 10), true), Listener::default());
    let failure = pass(&gate, &listener).await.unwrap_err();
    assert!(!failure.is_terminal() && failure.to_string().contains("does not answer"), "{failure}");
    assert_eq!(listener.calls(), 0);
}

/// Asks whether its commit was taken before it does anything.
struct CommitsFirst;

impl Handler for CommitsFirst {
    async fn handle<'m>(&'m self, context: &'m Context) -> Outcome {
        drop(context.commit());
        Err(Error::new("it was not taken").into())
    }
}

#[tokio::test]
async fn a_commit_that_came_too_late_leaves_the_key_to_whoever_has_the_message_now() {
    let store = Arc::new(MemoryStore::default());
    let (context, recorder) = message("a");
    recorder.cancel();
    gate(&store, false).handle(&context, &Stopwatch::default(), &CommitsFirst).await.unwrap_err();
    assert!(matches!(store.claim(KEY, LEASE).await.unwrap(), Claim::New(_)));
}

/// Leaves the message to whoever holds what it deferred.
#[derive(Default)]
struct Deferring(Mutex<Option<Deferred>>);

impl Handler for Deferring {
    async fn handle<'m>(&'m self, context: &'m Context) -> Outcome {
        *self.0.lock().unwrap() = Some(context.defer());
        Ok(())
    }
}

/// Passes one message, and does something about it once the listener has returned and the store was asked again.
async fn deferred(store: &Arc<MemoryStore>, settle: impl FnOnce(Deferred)) -> Result<Passed, Box<Failure>> {
    let (gate, listener) = (gate(store, false), Deferring::default());
    let (context, _recorder) = message("a");
    let watch = Stopwatch::default();
    let later = async {
        // Longer than a lease: it is renewed for as long as somebody holds the message.
        tokio::time::sleep(LEASE * 3).await;
        let asked = store.claim(KEY, LEASE).await.unwrap();
        assert!(matches!(asked, Claim::InProgress { .. }), "it is not done before it is settled: {asked:?}");
        let deferred = listener.0.lock().unwrap().take().expect("the listener has returned");
        settle(deferred);
    };
    tokio::join!(gate.handle(&context, &watch, &listener), later).0
}

#[tokio::test(start_paused = true)]
async fn a_deferred_message_is_done_when_it_is_committed_and_not_before() {
    let store = Arc::new(MemoryStore::default());
    let passed = deferred(&store, |deferred| drop(deferred.commit())).await;
    assert_eq!(passed.unwrap(), Passed::Handled);
    assert!(matches!(store.claim(KEY, LEASE).await.unwrap(), Claim::Done));
}

#[tokio::test(start_paused = true)]
async fn a_deferred_message_that_fails_or_is_dropped_releases_its_key() {
    let settlings: [fn(Deferred); 2] = [|deferred| deferred.fail("as the test wants it"), drop];
    for settle in settlings {
        let store = Arc::new(MemoryStore::default());
        deferred(&store, settle).await.unwrap_err();
        assert!(matches!(store.claim(KEY, LEASE).await.unwrap(), Claim::New(_)));
    }
}
