//! Components: built before what needs them, ended after it, and refused all at once where they do not fit.

use std::sync::Mutex;

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{AppBuilder, StartErrorKind};

/// What happened, in order.
#[derive(Default)]
struct Journal(Mutex<Vec<String>>);

impl Journal {
    fn write(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

// Each stands before what it needs, so that the order of the source is the wrong one.
struct Ledger(Arc<Journal>);

#[component]
impl Ledger {
    async fn init(
        journal: Arc<Journal>,
        _database: Arc<Database>,
        #[config("components.refuse")] refuse: Option<bool>,
    ) -> Result<Self> {
        journal.write("ledger");
        if refuse == Some(true) {
            return Err(Error::new("the ledger is locked"));
        }
        Ok(Self(journal))
    }

    async fn shutdown(&self) {
        self.0.write("ledger ended");
    }
}

struct Database(Arc<Journal>);

#[component]
impl Database {
    async fn init(journal: Arc<Journal>) -> Self {
        journal.write("database");
        Self(journal)
    }

    async fn shutdown(&self) -> Result<()> {
        self.0.write("database ended");
        Ok(())
    }
}

struct Unreached;

#[component]
impl Unreached {
    fn init(journal: Arc<Journal>) -> Self {
        journal.write("unreached");
        Self
    }
}

#[consumer]
struct Billing {
    journal: Arc<Journal>,
    _ledger: Arc<Ledger>,
}

#[consumer]
impl Billing {
    #[kafka_listener("named-by-the-test")]
    async fn on_order(&self, ctx: &Context) {
        self.journal.write(format!("handled {}", ctx.offset()));
    }
}

struct Chicken;
struct Egg;

#[component]
impl Chicken {
    fn init(_egg: Arc<Egg>) -> Self {
        Self
    }
}

#[component]
impl Egg {
    fn init(_chicken: Arc<Chicken>) -> Self {
        Self
    }
}

#[consumer]
struct Farm {
    _chicken: Arc<Chicken>,
}

#[consumer]
impl Farm {
    #[kafka_listener("eggs")]
    async fn on_egg(&self) {}
}

/// No component at all.
struct Compass;
struct Sextant;

trait Harbour: Send + Sync {}

#[consumer]
struct Voyage {
    _compass: Arc<Compass>,
    _harbour: Arc<dyn Harbour>,
    #[config("voyage.port")]
    _port: String,
}

#[consumer]
impl Voyage {
    #[kafka_listener("voyages")]
    async fn on_voyage(&self, _sextant: Inject<Sextant>) {}
}

fn app(brokers: &str) -> AppBuilder {
    let config = format!("[kafka]\nbrokers = [{brokers:?}]\ngroup_id = {:?}\n", unique("components"));
    App::builder().read_files(false).read_environment(false).config_text(config)
}

fn billing(broker: &Broker, topic: &str, journal: &Arc<Journal>) -> AppBuilder {
    let app = app(broker.bootstrap())
        .consumers::<(Billing,)>()
        .provide(Arc::clone(journal))
        .set("kafka.listener_defaults.start", "earliest")
        .set("kafka.listeners.\"Billing.on_order\".topics", [topic]);
    match broker.kind() {
        BrokerKind::Real => app,
        BrokerKind::Embedded => app.set("kafka.group_protocol", "consumer"),
    }
}

both_brokers! {
    async fn components_are_built_before_what_needs_them_and_ended_after_it(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        broker.produce(Record::to(&topic).payload("order")).await;
        let journal = Arc::new(Journal::default());
        let handle = billing(broker, &topic, &journal).build().unwrap().start().await.unwrap();
        wait_until("the message was handled", async || journal.read().len() >= 3).await;
        handle.shutdown().await.unwrap();

        assert_eq!(journal.read(), ["database", "ledger", "handled 0", "ledger ended", "database ended"]);
    }

    async fn a_component_that_cannot_be_built_ends_the_start_and_those_built_before_it(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        broker.produce(Record::to(&topic).payload("order")).await;
        let journal = Arc::new(Journal::default());
        let app = billing(broker, &topic, &journal).set("components.refuse", true).build().unwrap();
        let error = app.start().await.unwrap_err();

        assert_eq!((error.kind(), error.exit_code()), (StartErrorKind::Component, 2));
        let report = format!("{error:?}");
        assert!(report.contains("Ledger") && report.contains("tests/processes/components.rs:"), "{report}");
        assert!(report.contains("the ledger is locked"), "{report}");
        assert_eq!(journal.read(), ["database", "ledger", "database ended"]);
    }
}

#[test]
fn components_that_need_each_other_are_refused_with_the_whole_circle() {
    let error = app("nowhere:9092").consumers::<(Farm,)>().build().unwrap_err();
    let report = error.to_string();
    assert_eq!(error.problems().count(), 1, "{report}");
    assert!(report.contains("components need each other in a circle"), "{report}");
    assert!(report.contains("`Chicken`") && report.contains("`Egg`"), "{report}");
    assert_eq!(report.matches("tests/processes/components.rs:").count(), 3, "{report}");
}

#[test]
fn everything_that_a_consumer_lacks_is_told_at_once_on_its_own_line() {
    let error = app("nowhere:9092").consumers::<(Voyage,)>().build().unwrap_err();
    let report = error.to_string();
    assert_eq!(error.problems().count(), 4, "{report}");
    for lacking in ["field `_compass`", "field `_harbour`", "voyage.port", "argument `_sextant`"] {
        let line = report.split("\n\n").find(|problem| problem.contains(lacking));
        assert!(line.is_some_and(|line| line.contains("tests/processes/components.rs:")), "{lacking}: {report}");
    }
    assert!(report.contains("App::builder().provide::<dyn "), "{report}");
}
