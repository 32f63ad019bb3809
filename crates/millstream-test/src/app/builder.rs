//! Puts an application under test together.

use super::TestApp;
use super::broker::Broker;
use millstream::registry::{ConsumerSet, GenericConsumer};
use millstream::{App, AppBuilder, Handle, RunError, Setting};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const PARTITIONS: i32 = 4;
const TIMEOUT: Duration = Duration::from_secs(30);

/// What lies below the files of the package: what an application needs and a test does not care about.
const BASE: &str = "[kafka]\ngroup_id = \"test\"\n";

/// Puts an application under test together; see [`TestApp`].
#[must_use = "nothing runs before `start()`"]
#[derive(Debug)]
pub struct TestAppBuilder {
    app: AppBuilder,
    partitions: i32,
    topics: Vec<(String, i32)>,
    clusters: BTreeSet<String>,
    timeout: Duration,
}

impl TestAppBuilder {
    pub(super) fn new() -> Self {
        let app = App::builder().discover(false).read_local(false).read_environment(false).config_text(BASE);
        Self { app, partitions: PARTITIONS, topics: Vec::new(), clusters: BTreeSet::new(), timeout: TIMEOUT }
    }

    /// Changes the application's own builder, for what is not offered here: hooks, attributes, environment.
    pub fn with(mut self, change: impl FnOnce(AppBuilder) -> AppBuilder) -> Self {
        self.app = change(self.app);
        self
    }

    /// Runs exactly these consumers, and those given by hand.
    pub fn consumers<S: ConsumerSet>(self) -> Self {
        self.with(AppBuilder::consumers::<S>)
    }

    /// Whether all consumers of the program are found by themselves; they are not.
    pub fn discover(self, discover: bool) -> Self {
        self.with(|app| app.discover(discover))
    }

    /// Runs this value as a consumer.
    pub fn consumer<T: Send + Sync + 'static>(self, consumer: T) -> Self {
        self.with(|app| app.consumer(consumer))
    }

    /// Runs this value of a generic type as a consumer.
    pub fn generic_consumer<T: GenericConsumer>(self, consumer: T) -> Self {
        self.with(|app| app.generic_consumer(consumer))
    }

    /// Gives a component in place of the application's own.
    pub fn component<T: Send + Sync + 'static>(self, component: T) -> Self {
        self.with(|app| app.component(component))
    }

    /// Gives a shared component, or one for a trait: `.provide::<dyn Clock>(Arc::new(Fixed))`.
    pub fn provide<T: ?Sized + Send + Sync + 'static>(self, component: Arc<T>) -> Self {
        self.with(|app| app.provide(component))
    }

    /// Builds the component `T` although no consumer reaches it, such as one that is `eager`: nothing is
    /// built by itself here.
    pub fn require<T: ?Sized + Send + Sync + 'static>(self) -> Self {
        self.with(AppBuilder::require::<T>)
    }

    /// Sets one value of the configuration, over every file.
    pub fn set(self, key: &str, value: impl Into<Setting>) -> Self {
        self.with(|app| app.set(key, value))
    }

    /// Configuration as TOML, below every file.
    pub fn config_text(self, toml: impl Into<String>) -> Self {
        self.with(|app| app.config_text(toml))
    }

    /// Whether the configuration files of the package are read; they are.
    pub fn read_files(self, read: bool) -> Self {
        self.with(|app| app.read_files(read))
    }

    /// How many partitions a topic has that was not named with [`topic`](Self::topic); 4.
    pub fn partitions(mut self, partitions: i32) -> Self {
        self.partitions = partitions;
        self
    }

    /// Creates a topic with this many partitions. Those that listeners name, to read or for their results, their
    /// retry topics, those that are declared, and the topics of replies to what the application asks need not be
    /// said.
    pub fn topic(mut self, topic: impl Into<String>, partitions: i32) -> Self {
        self.topics.push((topic.into(), partitions));
        self
    }

    /// Puts the test's broker in the place of this cluster of `[kafka.clusters]` too. A test never talks to
    /// any other broker.
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.clusters.insert(name.into());
        self
    }

    /// How long the start, and each message, may take at most; 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Starts a broker and the application, and waits until its listeners read all their partitions.
    ///
    /// # Errors
    ///
    /// The application did not start: the error is that of [`App::builder`]'s `build` or `start`.
    ///
    /// # Panics
    ///
    /// If the test itself is wrong: a broker with less than one partition a topic, a topic twice, a cluster
    /// that was not said with [`cluster`](Self::cluster). And if the application is not ready in time.
    pub async fn start(self) -> Result<TestApp, RunError> {
        let broker = match Broker::start(self.partitions) {
            Ok(broker) => Arc::new(broker),
            Err(error) => panic!("cannot start the test's broker: {error}"),
        };
        for (topic, partitions) in &self.topics {
            if let Err(error) = broker.create_topic(topic, *partitions) {
                panic!("cannot create the test's topic: {error}");
            }
        }
        let app = settings(self.app, &broker.bootstrap(), &self.clusters);
        // Clients of a broker that goes first would miss it: it stays until they have left.
        let kept = Arc::clone(&broker);
        let app = app.on_stop(move |_: Handle| async move {
            drop(kept);
            Ok(())
        });
        let app = app.build()?.with_broker(broker.cluster());
        for listener in app.listeners() {
            assert!(
                *listener.cluster == *"default" || self.clusters.contains(&*listener.cluster),
                "listener `{}` reads cluster `{}`, which a test must not do; say `.cluster(\"{}\")`, so that the test's broker stands in its place",
                listener.id,
                listener.cluster,
                listener.cluster
            );
        }
        // Made later, it would be noticed later.
        for (topic, partitions) in app.topics(self.partitions) {
            // It exists when the test named it.
            drop(broker.create_topic(&topic, partitions));
        }
        let handle = app.start().await?;
        let Ok(ready) = tokio::time::timeout(self.timeout, handle.ready()).await else {
            panic!("the application was not ready within {:?}: {:?}", self.timeout, handle.listeners());
        };
        ready?;
        Ok(TestApp::new(handle, broker, self.timeout))
    }
}

fn settings(app: AppBuilder, bootstrap: &str, clusters: &BTreeSet<String>) -> AppBuilder {
    let app = app
        .set("kafka.brokers", [bootstrap])
        // A waiting fetch of this broker does not notice new messages, so that this is the latency.
        .set("kafka.consumer.properties.\"fetch.wait.max.ms\"", "10");
    clusters.iter().fold(app, |app, name| app.set(&format!("kafka.clusters.\"{name}\".brokers"), [bootstrap]))
}
