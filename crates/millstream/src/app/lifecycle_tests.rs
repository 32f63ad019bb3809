//! The life of an application from start to end, with a fake engine in the place of the real one.

use super::engine_port::EngineStarter;
use super::fixture::{FakeEngine, schema};
use super::signals::SignalSource;
use super::{App, AppBuilder, Args, Handle, HandleErrorKind, RunError, RunErrorKind, StartError, StartErrorKind};
use crate::events::Event;
use crate::options::ListenerOptions;
use crate::registry::fixture::{Journal, block, consumer, fixture_component, listener};
use crate::registry::{ConsumerSpec, Linked, ListenersSpec};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

#[derive(Default)]
struct Billing;

fixture_component!(POOL = Pool at 5 needs []);
fixture_component!(LEDGER = Ledger at 6 needs [Pool]);
fixture_component!(BROKEN = Broken at 7 needs [Ledger] fails true);

static BILLING: ConsumerSpec = consumer::<Billing>("Billing", 10);
static BLOCK: ListenersSpec =
    block::<Billing>("Billing", 11, &[listener::<Billing>("on_order", 12, || ListenerOptions::new().topic("orders"))]);

struct Scene {
    journal: Arc<Journal>,
    engine: Arc<FakeEngine>,
}

impl Scene {
    fn new() -> Self {
        let journal = Arc::new(Journal::default());
        Self { engine: FakeEngine::new(&journal), journal }
    }

    fn with_starter(&self, starter: EngineStarter) -> AppBuilder {
        let linked =
            Linked { consumers: vec![&BILLING], listeners: vec![&BLOCK], components: vec![&POOL, &LEDGER, &BROKEN] };
        AppBuilder::new(schema(), starter)
            .linked(linked)
            .read_files(false)
            .read_environment(false)
            .provide(Arc::clone(&self.journal))
    }

    fn builder(&self) -> AppBuilder {
        self.with_starter(self.engine.starter())
    }

    /// A hook that notes its name.
    fn hook(&self, name: &'static str) -> impl Future<Output = crate::Result<()>> + Send + 'static {
        let journal = Arc::clone(&self.journal);
        async move {
            journal.note(name);
            Ok(())
        }
    }

    fn entries(&self) -> Vec<String> {
        self.journal.entries()
    }
}

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

async fn start(builder: AppBuilder) -> Result<Handle, StartError> {
    builder.build()?.start().await
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

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_asks_for_the_end() {
    let scene = Scene::new();
    let (sender, ended) = oneshot::channel();
    let builder = scene.builder().on_stop(|_| async {
        let _ = sender.send(());
        Ok(())
    });
    let handle = start(builder).await.unwrap();
    let clone = handle.clone();
    drop(handle);
    clone.ready().await.unwrap();
    drop(clone);
    // In virtual time this runs out as soon as nothing is left to do.
    timeout(Duration::from_secs(1), ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn two_applications_in_one_process_know_nothing_of_each_other() {
    let (one, two) = (Scene::new(), Scene::new());
    let first = start(one.builder()).await.unwrap();
    let second = start(two.builder()).await.unwrap();
    first.shutdown().await.unwrap();
    second.ready().await.unwrap();
    assert!(!second.is_stopping());
    second.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_handle_has_the_components_that_were_reached() {
    let scene = Scene::new();
    let handle = start(scene.builder().require::<Pool>()).await.unwrap();
    assert!(handle.component::<Pool>().is_some());
    assert!(handle.component::<Ledger>().is_none());
    assert!(handle.component::<Journal>().is_some());
}

#[tokio::test]
async fn what_the_handle_is_asked_for_reaches_the_engine_until_the_end() {
    let scene = Scene::new();
    let handle = start(scene.builder()).await.unwrap();
    handle.pause("A.b", .., "why").unwrap();
    handle.resume("A.b", "orders").unwrap();
    handle.pause("A.b", ("orders", 3), "why").unwrap();
    handle.seek("A.b", "orders", 3, 7).unwrap();
    handle.skip("A.b", "orders", 3, 8, "poison").unwrap();
    let expected = [
        "engine started",
        "pause A.b None None why",
        "resume A.b Some(\"orders\") None",
        "pause A.b Some(\"orders\") Some(3) why",
        "seek A.b orders 3 7",
        "skip A.b orders 3 8 poison",
    ];
    assert_eq!(scene.entries(), expected);
    handle.shutdown().await.unwrap();
    assert_eq!(handle.resume("A.b", ..).unwrap_err().kind(), HandleErrorKind::NotRunning);
}

#[tokio::test]
async fn events_are_read_to_their_end_and_slow_readers_miss_the_oldest() {
    let scene = Scene::new();
    let handle = start(scene.builder()).await.unwrap();
    let mut events = handle.events();
    let event = |number: i32| Event::Resumed { listener: "A.b".into(), topic: "t".into(), partition: number };
    for number in 0..3 {
        scene.engine.events.send(event(number)).unwrap();
    }
    assert_eq!(events.next().await, Some(event(1)));
    handle.shutdown().await.unwrap();
    assert_eq!(events.next().await, Some(event(2)));
    assert_eq!(events.next().await, None);
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
fn a_handle_whose_runtime_is_gone_does_not_wait_for_ever() {
    let scene = Scene::new();
    let lost = tokio::runtime::Runtime::new().unwrap();
    let handle = lost.block_on(start(scene.builder())).unwrap();
    drop(lost);
    let here = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let ended = here.block_on(async { timeout(Duration::from_secs(1), handle.ended()).await.unwrap() });
    assert_eq!(ended.unwrap_err().kind(), RunErrorKind::Ended);
    assert!(handle.is_stopping());
}

#[tokio::test]
async fn what_the_command_line_asks_to_print_does_not_start() {
    let scene = Scene::new();
    let app = scene.builder().args(Args::parse(["--listeners", "--check"]).unwrap()).build().unwrap();
    let printout = app.printout().unwrap().to_owned();
    assert!(printout.contains("Billing.on_order  orders  shop"), "{printout}");
    assert!(printout.contains("all is well: 1 listener from crate shop"), "{printout}");
    assert_eq!(app.start().await.unwrap_err().kind(), StartErrorKind::Arguments);
    assert!(scene.entries().is_empty());
}

#[test]
fn help_is_printed_however_broken_the_configuration_is() {
    let scene = Scene::new();
    let app = scene.builder().config_text("not toml").args(Args::parse(["--help"]).unwrap()).build().unwrap();
    assert_eq!(app.printout(), Some(Args::help_text()));
}

#[tokio::test]
async fn the_configuration_is_printed_with_its_problems_after_it() {
    let scene = Scene::new();
    let args =
        Args::parse(["--print-config", "--set", "kafka.client_id=shop", "--set", "kafka.start_timeout='x'"]).unwrap();
    let app = scene.builder().args(args).build().unwrap();
    let printout = app.printout().unwrap().to_owned();
    assert!(printout.contains("kafka.client_id = \"shop\""), "{printout}");
    assert!(printout.contains("# --set, --set kafka.client_id"), "{printout}");
    assert_eq!(app.run().await.unwrap_err().kind(), RunErrorKind::Start);
}

#[test]
fn without_a_runtime_the_start_says_so() {
    let scene = Scene::new();
    let start = scene.builder().build().unwrap().start();
    let error = futures_util::FutureExt::now_or_never(start).unwrap().unwrap_err();
    assert_eq!(error.kind(), StartErrorKind::Process);
}

#[test]
fn the_report_of_a_start_error_counts_its_problems_and_tells_each() {
    let scene = Scene::new();
    let error = scene.builder().config_text("kafka.clientid = 1\nlog.levle = 2").build().unwrap_err();
    let report = format!("{error:?}");
    assert!(report.starts_with("the application cannot start: 2 problems\n\n  1. "), "{report}");
    assert_eq!(report, error.to_string());
    assert_eq!(error.problems().count(), 2);
}

#[test]
fn what_is_set_by_the_program_keeps_its_type() {
    let set = |value: super::Setting| value.as_toml().to_owned();
    assert_eq!(set("007".into()), "\"007\"");
    assert_eq!(set(7_u32.into()), "7");
    assert_eq!(set(true.into()), "true");
    assert_eq!(set(1.0.into()), "1.0");
    assert_eq!(set(["a", "b"].into()), "[\"a\", \"b\"]");
}

#[test]
fn an_application_and_its_handles_can_be_sent_between_threads() {
    fn assert_send<T: Send>() {}
    fn assert_shared<T: Send + Sync + Clone + 'static>() {}
    fn assert_future<T: Send>(_: impl FnOnce(App) -> T) {}
    assert_future(App::run);
    assert_future(App::start);
    assert_send::<App>();
    assert_send::<AppBuilder>();
    assert_shared::<Handle>();
    assert_shared::<RunError>();
    assert_shared::<StartError>();
}
