//! Layers around a listener.

use harness::prelude::*;
use millstream::layer::{Layer, LayerFuture, Next, skip};
use millstream::prelude::*;
use millstream::{App, AppBuilder, Args, Error, Event, Messages, RunErrorKind};

use crate::running::Running;
use crate::stage::{Journal, Reader, Stage};

/// Notes what passes, under its name.
struct Noting(&'static str, Journal);

impl Layer for Noting {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            self.1.note(format!("{} before {}", self.0, context.offset()));
            let outcome = next.run().await;
            self.1.note(format!("{} after {}: {}", self.0, context.offset(), outcome.is_ok()));
            outcome
        })
    }
}

/// Lets even offsets through.
struct Even;

impl Layer for Even {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move { if context.offset() % 2 == 0 { next.run().await } else { skip("its offset is odd") } })
    }
}

/// Makes every error terminal.
struct NoRetries;

impl Layer for NoRetries {
    fn handle<'m>(&'m self, _: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            let terminal = |error: Error| Error::terminal(format!("{error}, mapped"));
            next.run().await.map_err(|failure| failure.map_error(terminal))
        })
    }
}

/// Panics at the first attempt.
struct Panicking;

impl Layer for Panicking {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        assert!(context.attempt() > 1, "as the test wants it");
        next.run()
    }
}

both_brokers! {
    /// The application's layer goes around the consumer's, and that around the listener's list, whose first is the outer.
    async fn layers_go_around_each_other_in_their_order(broker: &Broker) {
        for order_by in ["partition", "key", "none"] {
            let stage = Stage::new(broker).await;
            stage.produce(["a"]).await;
            let journal = Journal::default();
            let options = format!("layers = [\"first\", \"second\"]\norder_by = \"{order_by}\"");
            let app = stage.app("Reader", &options)
                .consumer(Reader::ok(&journal))
                .layer_named("second", Noting("second", journal.clone()))
                .layer_named("first", Noting("first", journal.clone()))
                .consumer_layer::<Reader, _>(Consumers(Noting("consumer", journal.clone())))
                .layer(Noting("application", journal.clone()));
            let running = Running::start_reading(app).await;
            stage.wait_for_position(1).await;
            running.end().await;
            assert_eq!(
                journal.entries(),
                [
                    "application before 0", "consumer before 0", "first before 0", "second before 0", "listener 0",
                    "second after 0: true", "first after 0: true", "consumer after 0: true", "application after 0: true",
                ],
                "{order_by}"
            );
        }
    }

    /// What a guard skips is settled, told, and not handled; also where the listener commits by hand.
    async fn a_guard_settles_what_it_skips(broker: &Broker) {
        for order_by in ["partition", "none"] {
            let stage = Stage::new(broker).await;
            stage.produce(["0", "1", "2", "3"]).await;
            let journal = Journal::default();
            let options = format!("order_by = \"{order_by}\"\nconcurrency = 1");
            let app = stage.app("Reader", &options).consumer(Reader::ok(&journal)).layer(Even);
            let running = Running::start_reading(app).await;
            stage.wait_for_position(4).await;
            let event = running.event("a message was skipped", |event| matches!(event, Event::Skipped { .. })).await;
            let Event::Skipped { offset, reason, .. } = event else { unreachable!() };
            assert!(offset % 2 == 1 && reason == "its offset is odd", "{offset}: {reason}");
            running.end().await;
            assert_eq!(journal.entries(), ["listener 0", "listener 2"], "{order_by}");
        }
    }

    /// An error that a layer makes terminal is not retried.
    async fn a_mapped_error_goes_straight_to_on_failure(broker: &Broker) {
        let stage = Stage::new(broker).await;
        stage.produce(["0"]).await;
        let journal = Journal::default();
        let failing = Reader::new(&journal, |_| Err(Error::new("refused")));
        let app = stage.app("Reader", "retries = 5\non_failure = \"stop\"").consumer(failing).layer(NoRetries);
        let running = app.build().expect("it is right").start().await.expect("it starts");
        let error = running.ended().await.expect_err("the application was to fail");
        assert_eq!(error.kind(), RunErrorKind::Listener);
        assert!(error.to_string().contains("refused, mapped"), "{error}");
        assert_eq!(journal.entries(), ["listener 0"]);
    }

    /// A layer's panic is the message's failure: it is tried again, and nothing is lost.
    async fn a_panic_of_a_layer_is_a_failure_of_the_message(broker: &Broker) {
        for order_by in ["partition", "key"] {
            let stage = Stage::new(broker).await;
            stage.produce(["0", "1"]).await;
            let journal = Journal::default();
            let options = format!("order_by = \"{order_by}\"");
            let app = stage.app("Reader", &options).consumer(Reader::ok(&journal)).layer(Panicking);
            let running = Running::start_reading(app).await;
            stage.wait_for_position(2).await;
            running.end().await;
            assert_eq!(journal.entries(), ["listener 0", "listener 1"], "{order_by}");
        }
    }

    /// Configuration switches a layer off by its name, and replaces the application's list.
    async fn configuration_switches_layers_off(broker: &Broker) {
        for switch in ["kafka.layers.noting.enabled", "kafka.listener_defaults.layers"] {
            let stage = Stage::new(broker).await;
            stage.produce(["0"]).await;
            let journal = Journal::default();
            let app = stage.app("Reader", "");
            let app = if switch.ends_with("enabled") { app.set(switch, false) } else { app.set(switch, "") };
            let app = app.consumer(Reader::ok(&journal)).layer(Noting("application", journal.clone()));
            let running = Running::start_reading(app).await;
            stage.wait_for_position(1).await;
            running.end().await;
            assert_eq!(journal.entries(), ["listener 0"], "{switch}");
        }
    }
}

/// A layer that the application builds, with what it needs.
#[component]
struct Audited {
    journal: Arc<Journal>,
}

impl Layer for Audited {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        self.journal.note(format!("audited {}", context.offset()));
        next.run()
    }
}

/// A layer that needs nothing: its type is enough.
struct EvenOnly;

impl Layer for EvenOnly {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Even.handle(context, next)
    }

    fn standalone() -> Option<Self> {
        Some(Self)
    }
}

/// Has its layers by attributes, in both places.
#[consumer(layers(Audited))]
struct Attributed {
    journal: Arc<Journal>,
}

#[consumer]
impl Attributed {
    #[kafka_listener("named-by-the-test", layers(EvenOnly, "last"))]
    async fn on_message(&self, ctx: &Context) {
        self.journal.note(format!("listener {}", ctx.offset()));
    }

    #[kafka_listener("named-by-the-test", group_id = "never", enabled = false, layers("last"))]
    async fn on_nothing(&self) {}
}

both_brokers! {
    /// The consumer's attribute goes around the listener's, types are built as components, and names are found.
    async fn attributes_put_layers_around_their_listeners(broker: &Broker) {
        for (options, expected) in [
            (
                "",
                vec!["audited 0", "last before 0", "listener 0", "last after 0: true", "audited 1"],
            ),
            // The configuration replaces the list of its own scope alone.
            ("layers = [\"even-only\"]", vec!["audited 0", "listener 0", "audited 1"]),
            (
                "[kafka.consumers.Attributed]\nlayers = []",
                vec!["last before 0", "listener 0", "last after 0: true"],
            ),
            (
                "[kafka.layers.even-only]\nenabled = false",
                vec![
                    "audited 0", "last before 0", "listener 0", "last after 0: true",
                    "audited 1", "last before 1", "listener 1", "last after 1: true",
                ],
            ),
        ] {
            let stage = Stage::new(broker).await;
            stage.produce(["0", "1"]).await;
            let journal = Arc::new(Journal::default());
            let app = stage.app("Attributed", options)
                .consumers::<(Attributed,)>()
                .provide(Arc::clone(&journal))
                .layer_named("last", Noting("last", Journal::clone(&journal)));
            let running = Running::start_reading(app).await;
            stage.wait_for_position(2).await;
            running.end().await;
            assert_eq!(journal.entries(), expected, "{options}");
        }
    }
}

/// A name of its own beside the other layer of the application.
struct Consumers(Noting);

impl Layer for Consumers {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        self.0.handle(context, next)
    }
}

#[test]
fn names_that_no_layer_has_are_start_errors_with_the_nearest() {
    let text = r#"
        [kafka]
        brokers = ["localhost:9092"]
        group_id = "g"
        [kafka.listeners."Reader.on_message"]
        layers = ["evn", "log-outcomes"]
        [kafka.layers.log-outcome]
        enabled = false
        "#;
    let error = App::builder()
        .discover(false)
        .read_files(false)
        .read_environment(false)
        .config_text(text)
        .layer(Even)
        .consumer(Reader::ok(&Journal::default()))
        .build()
        .expect_err("both names are wrong");
    let report = format!("{error:?}");
    for part in [
        "there is no layer `evn`",
        "did you mean `even`?",
        "there is no layer `log-outcome`",
        "did you mean `log-outcomes`?",
    ] {
        assert!(report.contains(part), "`{part}` is not in: {report}");
    }
}

/// Takes several messages at once.
struct Batched;

#[consumer]
impl Batched {
    #[kafka_listener("orders", batch = 5)]
    async fn on_orders(&self, messages: Messages<'_>) {
        assert!(!messages.is_empty());
    }
}

fn unstarted(toml: &str) -> AppBuilder {
    let text = format!("[kafka]\nbrokers = [\"localhost:9092\"]\ngroup_id = \"g\"\n{toml}");
    App::builder().discover(false).read_files(false).read_environment(false).config_text(text)
}

#[test]
fn layers_around_batches_are_a_start_error_that_names_them() {
    for table in ["[kafka.listeners.\"Batched.on_orders\"]", "[kafka.consumers.Batched]"] {
        let app = unstarted(&format!("{table}\nlayers = [\"even\", \"log-outcomes\"]"));
        let error = app.layer_named("even", Even).consumer(Batched).build().expect_err("it cannot be");
        assert_eq!(error.problems().count(), 1, "{error:?}");
        let report = format!("{error:?}");
        for part in ["`Batched.on_orders`", "a layer is given one message: `even`, `log-outcomes`", "or its `batch`"] {
            assert!(report.contains(part), "`{part}` is not in: {report}");
        }
    }
}

#[test]
fn layers_of_the_application_leave_batches_out_and_say_so() {
    let app = unstarted("").layer(Even).consumer(Batched);
    let app =
        app.args(Args::parse(["--check", "--listeners"]).expect("they are arguments")).build().expect("it can be");
    let printout = app.printout().expect("it was asked for");
    assert!(
        printout.contains("takes batches: `even`, which goes around every listener, does not see them"),
        "{printout}"
    );
    assert!(!printout.contains("messages go through"), "{printout}");
}

#[test]
fn what_goes_around_a_listener_is_printed_with_whoever_said_it() {
    let app = unstarted("[kafka.listeners.\"Reader.on_message\"]\nlayers = [\"even\", \"log-outcomes\"]");
    let app = app
        .layer_named("even", Even)
        .layer(NoRetries)
        .consumer_layer::<Reader, _>(Panicking)
        .consumer(Reader::ok(&Journal::default()))
        .args(Args::parse(["--print-config", "--listeners"]).expect("they are arguments"))
        .build()
        .expect("it can be");
    let printout = app.printout().expect("it was asked for");
    let lines: Vec<&str> = printout.lines().filter(|line| line.starts_with("layers = ")).collect();
    let [of_application, of_consumer, own] = *lines else { panic!("{printout}") };
    assert_eq!(of_application, "layers = [\"no-retries\"]  # application");
    assert!(of_consumer.starts_with("layers = [\"panicking\"]  # consumer, code, "), "{of_consumer}");
    assert!(own.starts_with("layers = [\"even\", \"log-outcomes\"]  # listener, "), "{own}");
    let around = "Reader.on_message: messages go through no-retries, panicking, even, log-outcomes";
    assert!(printout.contains(around), "{printout}");
}
