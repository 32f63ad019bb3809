//! The life of an application from start to end, with a fake engine in the place of the real one.

use super::fixture::FakeEngine;
use super::scene::{Broken, Ledger, Pool, Scene, start};
use super::signals::SignalSource;
use super::{RunError, RunErrorKind, StartError, StartErrorKind};
use std::time::Duration;
use tokio::sync::oneshot;

/// Signals that were sent already, the last one first.
struct Sent(Vec<&'static str>);

impl SignalSource for Sent {
    async fn next(&mut self) -> &'static str {
        match self.0.pop() {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn everything_runs_in_order_from_components_to_their_end() {
    let scene = Scene::new();
    let (started, ready, stopped) = (scene.hook("on_start"), scene.hook("on_ready"), scene.hook("on_stop"));
    let (sender, done) = oneshot::channel();
    let builder =
        scene.builder().require::<Ledger>().on_start(|_| started).on_stop(|_| stopped).on_ready(|_| async move {
            let outcome = ready.await;
            let _ = sender.send(());
            outcome
        });
    let handle = start(builder).await.unwrap();
    handle.ready().await.unwrap();
    done.await.unwrap();
    handle.shutdown().await.unwrap();
    let expected = [
        "built Pool",
        "built Ledger",
        "on_start",
        "engine started",
        "on_ready",
        "engine ended",
        "on_stop",
        "ended Ledger",
        "ended Pool",
    ];
    assert_eq!(scene.entries(), expected);
}

#[tokio::test]
async fn a_component_that_fails_is_a_start_error_and_what_was_built_ends_in_reverse() {
    let scene = Scene::new();
    let stopped = scene.hook("on_stop");
    let error = start(scene.builder().require::<Broken>().on_stop(|_| stopped)).await.unwrap_err();
    assert_eq!(error.kind(), StartErrorKind::Component);
    assert_eq!(format!("{error:?}"), "component `Broken` (src/shop.rs:7:1) could not be built: no connection");
    assert_eq!(scene.entries(), ["built Pool", "built Ledger", "ended Ledger", "ended Pool"]);
}

#[tokio::test]
async fn an_on_start_hook_that_fails_or_panics_is_a_start_error_before_any_message() {
    for panics in [false, true] {
        let scene = Scene::new();
        let builder = scene.builder().require::<Pool>().on_start(move |_| async move {
            assert!(!panics, "no schema");
            Err("no schema".into())
        });
        let error = start(builder).await.unwrap_err();
        assert_eq!(error.kind(), StartErrorKind::Hook);
        assert!(format!("{error:?}").contains("no schema"), "{error:?}");
        assert_eq!(scene.entries(), ["built Pool", "ended Pool"]);
    }
}

#[tokio::test]
async fn an_engine_that_does_not_start_runs_the_stop_hooks() {
    let scene = Scene::new();
    let stopped = scene.hook("on_stop");
    let refused = StartError::new(StartErrorKind::Cluster, "authentication failed");
    let builder = scene.with_starter(FakeEngine::failing_starter(refused)).require::<Pool>().on_stop(|_| stopped);
    assert_eq!(start(builder).await.unwrap_err().kind(), StartErrorKind::Cluster);
    assert_eq!(scene.entries(), ["built Pool", "on_stop", "ended Pool"]);
}

#[tokio::test]
async fn a_failing_engine_ends_the_application_in_order_with_its_error() {
    let scene = Scene::new();
    let handle = start(scene.builder().require::<Pool>()).await.unwrap();
    scene.engine.failure.send_replace(Some(RunError::new(RunErrorKind::Listener, "stop")));
    assert_eq!(handle.ended().await.unwrap_err().kind(), RunErrorKind::Listener);
    assert_eq!(scene.entries(), ["built Pool", "engine started", "engine ended", "ended Pool"]);
    assert_eq!(handle.shutdown().await.unwrap_err().kind(), RunErrorKind::Listener);
}

#[tokio::test(start_paused = true)]
async fn a_start_timeout_is_an_error_of_the_start() {
    let scene = Scene::new();
    scene.engine.ready.send_replace(false);
    let handle = start(scene.builder().set("kafka.start_timeout", 5)).await.unwrap();
    let error = handle.ready().await.unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (RunErrorKind::StartTimeout, 2));
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_takes_too_long_is_told_and_leaves_a_moment_for_the_rest() {
    let scene = Scene::new();
    scene.engine.drains.send_replace(false);
    let stopped = scene.hook("on_stop");
    let builder = scene.builder().on_stop(|_| async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stopped.await
    });
    let error = start(builder).await.unwrap().shutdown().await.unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (RunErrorKind::DrainDeadline, 3));
    assert_eq!(scene.entries(), ["engine started", "engine ended", "on_stop"]);
}

#[tokio::test]
async fn stopped_before_it_was_ready_is_an_error_for_who_waits_for_that() {
    let scene = Scene::new();
    scene.engine.ready.send_replace(false);
    let handle = start(scene.builder()).await.unwrap();
    handle.shutdown().await.unwrap();
    assert_eq!(handle.ready().await.unwrap_err().kind(), RunErrorKind::Ended);
}

#[tokio::test]
async fn an_on_ready_hook_that_fails_stops_the_application() {
    let scene = Scene::new();
    let handle = start(scene.builder().on_ready(|_| async { Err("no port".into()) })).await.unwrap();
    let error = handle.ended().await.unwrap_err();
    assert_eq!(format!("{error:?}"), "an `on_ready` hook failed: no port");
}

#[tokio::test(start_paused = true)]
async fn an_on_stop_hook_that_hangs_is_cut_and_the_others_run() {
    let scene = Scene::new();
    let stopped = scene.hook("on_stop");
    let hanging = |_| std::future::pending::<crate::Result<()>>();
    let handle = start(scene.builder().require::<Pool>().on_stop(hanging).on_stop(|_| stopped)).await.unwrap();
    assert_eq!(handle.shutdown().await.unwrap_err().kind(), RunErrorKind::DrainDeadline);
    assert_eq!(scene.entries(), ["built Pool", "engine started", "engine ended", "on_stop", "ended Pool"]);
}

#[tokio::test]
async fn run_until_ends_when_it_is_told_to_also_while_it_starts() {
    let scene = Scene::new();
    let app = scene.builder().require::<Pool>().build().unwrap();
    app.run_until(async {}).await.unwrap();
    let entries = scene.entries();
    assert_eq!(entries.iter().filter(|entry| *entry == "built Pool").count(), 1);
    assert_eq!(entries.iter().filter(|entry| *entry == "ended Pool").count(), 1);
    let scene = Scene::new();
    let app = scene.builder().on_start(|_| std::future::pending::<crate::Result<()>>()).build().unwrap();
    app.run_until(async { tokio::task::yield_now().await }).await.unwrap();
    assert!(scene.entries().is_empty());
}

#[tokio::test]
async fn a_signal_ends_in_order_and_a_second_one_at_once() {
    let scene = Scene::new();
    let app = scene.builder().build().unwrap();
    app.run_until_signals(&mut Sent(vec!["SIGTERM"])).await.unwrap();

    let scene = Scene::new();
    let app = scene.builder().on_stop(|_| std::future::pending::<crate::Result<()>>()).build().unwrap();
    let error = app.run_until_signals(&mut Sent(vec!["SIGINT", "SIGTERM"])).await.unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (RunErrorKind::SecondSignal, 3));
}

#[test]
fn without_a_runtime_the_start_says_so() {
    let scene = Scene::new();
    let start = scene.builder().build().unwrap().start();
    let error = futures_util::FutureExt::now_or_never(start).unwrap().unwrap_err();
    assert_eq!(error.kind(), StartErrorKind::Process);
}
