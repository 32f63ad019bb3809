//! Layers around a handler, without an engine.

use super::*;
use crate::OwnedMessage;
use crate::engine::dispatch::Handler;
use crate::listener::Outcome;
use crate::testing::{ContextFacts, Recorded, Recorder, context};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

type Journal = Arc<Mutex<Vec<String>>>;

struct Noting(&'static str, Journal);

impl Layer for Noting {
    fn handle<'m>(&'m self, _: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            self.1.lock().unwrap().push(format!("{} before", self.0));
            let outcome = next.run().await;
            self.1.lock().unwrap().push(format!("{} after {}", self.0, outcome.is_ok()));
            outcome
        })
    }
}

struct Guard;

impl Layer for Guard {
    fn handle<'m>(&'m self, _: &'m Context, _: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async { skip("not ours") })
    }
}

struct Terminal;

impl Layer for Terminal {
    fn handle<'m>(&'m self, _: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            let terminal = |error: Error| Error::terminal(error.into_source());
            next.run().await.map_err(|failure| failure.map_error(terminal))
        })
    }
}

struct Listener {
    journal: Journal,
    fails: bool,
    takes: Duration,
}

impl Handler for Listener {
    async fn handle<'m>(&'m self, _: &'m Context) -> Outcome {
        tokio::time::sleep(self.takes).await;
        self.journal.lock().unwrap().push("listener".into());
        if self.fails { Err(Error::new("as the test wants it").into()) } else { Ok(()) }
    }
}

fn layered(layers: Vec<Arc<dyn Layer>>, listener: Listener, auto_commit: bool) -> Layered<Listener> {
    let around = Around {
        layers,
        gate: None,
        rate: None,
        timeout: Some(Duration::from_secs(5)),
        auto_commit,
        tell: OnceLock::new(),
    };
    Layered { handler: Arc::new(listener), around: Arc::new(around) }
}

fn message() -> (Context, Recorder) {
    context(OwnedMessage::new("orders", 0, 7), ContextFacts::default())
}

fn listener(journal: &Journal) -> Listener {
    Listener { journal: Arc::clone(journal), fails: false, takes: Duration::ZERO }
}

#[tokio::test(start_paused = true)]
async fn the_first_layer_is_the_outermost() {
    let journal = Journal::default();
    let layers: Vec<Arc<dyn Layer>> =
        vec![Arc::new(Noting("outer", Arc::clone(&journal))), Arc::new(Noting("inner", Arc::clone(&journal)))];
    let (context, _) = message();
    layered(layers, listener(&journal), true).handle(&context).await.unwrap();
    assert_eq!(
        *journal.lock().unwrap(),
        ["outer before", "inner before", "listener", "inner after true", "outer after true"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_guard_settles_the_message_and_the_listener_is_not_called() {
    for auto_commit in [true, false] {
        let journal = Journal::default();
        let (context, recorder) = message();
        layered(vec![Arc::new(Guard)], listener(&journal), auto_commit).handle(&context).await.unwrap();
        assert!(journal.lock().unwrap().is_empty());
        // A listener that commits by itself settles what returns `Ok`.
        assert_eq!(recorder.recorded(), if auto_commit { vec![] } else { vec![Recorded::Commit(8)] });
    }
}

#[tokio::test(start_paused = true)]
async fn a_layer_can_make_the_error_terminal() {
    let journal = Journal::default();
    let (context, _) = message();
    let failing = Listener { fails: true, ..listener(&journal) };
    let failure = layered(vec![Arc::new(Terminal)], failing, true).handle(&context).await.unwrap_err();
    assert!(failure.is_terminal());
    assert_eq!(failure.to_string(), "as the test wants it");
}

#[tokio::test(start_paused = true)]
async fn the_timeout_holds_for_layers_and_listener_together() {
    let journal = Journal::default();
    let (context, _) = message();
    let slow = Listener { takes: Duration::from_secs(6), ..listener(&journal) };
    let failure = layered(vec![Arc::new(LogOutcomes)], slow, true).handle(&context).await.unwrap_err();
    assert!(matches!(*failure, Failure::Timeout(_)), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_rate_does_not_count_for_the_timeout() {
    let journal = Journal::default();
    let (context, _) = message();
    let mut layered = layered(Vec::new(), listener(&journal), true);
    let rate = crate::plan::Rate { messages: std::num::NonZeroU32::MIN, per: Duration::from_secs(60) };
    Arc::get_mut(&mut layered.around).unwrap().rate = Some(RateLimit::new(rate));
    let start = tokio::time::Instant::now();
    for _ in 0..3 {
        layered.handle(&context).await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_secs(120));
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_rate_lets_go_when_the_partition_is_taken_away() {
    let journal = Journal::default();
    let (context, recorder) = message();
    let mut layered = layered(Vec::new(), listener(&journal), true);
    let rate = crate::plan::Rate { messages: std::num::NonZeroU32::MIN, per: Duration::from_secs(60) };
    Arc::get_mut(&mut layered.around).unwrap().rate = Some(RateLimit::new(rate));
    layered.handle(&context).await.unwrap();
    recorder.cancel();
    let failure = layered.handle(&context).await.unwrap_err();
    assert!(matches!(*failure, Failure::Interrupted));
    assert_eq!(journal.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_with_a_trace_is_handled_inside_it() {
    struct Tracing(Mutex<Vec<Option<String>>>);
    impl Handler for Tracing {
        async fn handle<'m>(&'m self, _: &'m Context) -> Outcome {
            self.0.lock().unwrap().push(crate::trace::current().map(|trace| trace.parent().to_string()));
            Ok(())
        }
    }
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let layers: Vec<Arc<dyn Layer>> = vec![Arc::new(ContinueTrace)];
    let around = Around { layers, gate: None, rate: None, timeout: None, auto_commit: true, tell: OnceLock::new() };
    let layered = Layered { handler: Arc::new(Tracing(Mutex::default())), around: Arc::new(around) };
    let with = |value: &str| {
        let mut message = OwnedMessage::new("orders", 0, 7);
        message.headers.push((crate::trace::TRACEPARENT.into(), Some(value.as_bytes().to_vec().into())));
        context(message, ContextFacts::default()).0
    };
    layered.handle(&with(parent)).await.unwrap();
    layered.handle(&with("rubbish")).await.unwrap();
    assert_eq!(*layered.handler.0.lock().unwrap(), [Some(parent.to_owned()), None]);
}

#[cfg(feature = "tower")]
mod tower_layers {
    use super::*;
    use ::tower::ServiceBuilder;

    fn slow(journal: &Journal, seconds: u64) -> Listener {
        Listener { takes: Duration::from_secs(seconds), ..listener(journal) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_of_tower_stops_the_listener() {
        let journal = Journal::default();
        let (context, _) = message();
        let timeout = || TowerLayer::new(::tower::timeout::TimeoutLayer::new(Duration::from_secs(1)));
        let failure = layered(vec![Arc::new(timeout())], slow(&journal, 2), true).handle(&context).await.unwrap_err();
        assert!(matches!(*failure, Failure::Error(ref error) if !error.is_terminal()), "{failure}");
        assert!(journal.lock().unwrap().is_empty());
        layered(vec![Arc::new(timeout())], listener(&journal), true).handle(&context).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_listeners_own_failure_comes_through_as_it_was() {
        let journal = Journal::default();
        let (context, _) = message();
        let failing = Listener { fails: true, ..listener(&journal) };
        let layers: Vec<Arc<dyn Layer>> = vec![
            Arc::new(TowerLayer::new(::tower::timeout::TimeoutLayer::new(Duration::from_secs(1)))),
            Arc::new(Terminal),
        ];
        let failure = layered(layers, failing, true).handle(&context).await.unwrap_err();
        assert!(failure.is_terminal() && failure.error().is_some(), "{failure}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_concurrency_holds_for_all_messages_together() {
        let journal = Journal::default();
        let limit = TowerLayer::new(::tower::limit::ConcurrencyLimitLayer::new(1));
        let layered = layered(vec![Arc::new(limit)], slow(&journal, 2), true);
        let (one, _) = message();
        let (other, _) = message();
        let start = tokio::time::Instant::now();
        let (first, second) = tokio::join!(layered.handle(&one), layered.handle(&other));
        first.unwrap();
        second.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn load_that_is_shed_is_a_failure_that_may_be_retried() {
        let journal = Journal::default();
        let shed = ServiceBuilder::new().load_shed().concurrency_limit(1).into_inner();
        let layered = layered(vec![Arc::new(TowerLayer::new(shed))], slow(&journal, 2), true);
        let (one, _) = message();
        let (other, _) = message();
        let (first, second) = tokio::join!(layered.handle(&one), layered.handle(&other));
        first.unwrap();
        assert!(!second.unwrap_err().is_terminal());
        layered.handle(&other).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_of_tower_lets_one_after_the_other_begin() {
        let journal = Journal::default();
        let rate = TowerLayer::new(::tower::limit::RateLimitLayer::new(1, Duration::from_secs(1)));
        let layered = layered(vec![Arc::new(rate)], listener(&journal), true);
        let (context, _) = message();
        let start = tokio::time::Instant::now();
        for _ in 0..3 {
            layered.handle(&context).await.unwrap();
        }
        assert!(start.elapsed() >= Duration::from_secs(2));
    }
}
