//! A broker to test on, whichever it is.

use std::env;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use millstream_native::embedded::EmbeddedCluster;
use rdkafka::ClientConfig;
use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::BaseConsumer;
use rdkafka::producer::FutureProducer;

use crate::Capability;
use crate::embedded;

/// How long one request to a broker may take.
pub(crate) const REQUEST: Duration = Duration::from_secs(30);

/// Which of the two brokers a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BrokerKind {
    /// The broker inside the process.
    Embedded,
    /// Apache Kafka.
    Real,
}

/// A broker to test on. Its methods create topics, produce and read, and tell what groups committed, each through a
/// client of its own; they panic when the broker refuses.
pub struct Broker {
    pub(crate) kind: BrokerKind,
    pub(crate) bootstrap: String,
    pub(crate) embedded: Option<EmbeddedCluster>,
    /// Where `scripts/kafka` keeps the cluster, for a cluster that a test started for itself.
    pub(crate) home: Option<PathBuf>,
    producer: OnceLock<FutureProducer>,
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Broker")
            .field("kind", &self.kind)
            .field("bootstrap", &self.bootstrap)
            .finish_non_exhaustive()
    }
}

impl Broker {
    /// A new embedded broker of one node; it ends when the value is dropped.
    pub fn embedded() -> Self {
        Self::embedded_with(1)
    }

    /// A new embedded broker of several nodes.
    pub fn embedded_with(nodes: i32) -> Self {
        let cluster = embedded::start(nodes);
        Self {
            kind: BrokerKind::Embedded,
            bootstrap: cluster.bootstrap(),
            embedded: Some(cluster),
            home: None,
            producer: OnceLock::new(),
        }
    }

    /// The Apache Kafka that `MILLSTREAM_TEST_BROKERS` names; `None` when the variable is missing or empty.
    pub fn real() -> Option<Self> {
        let bootstrap = env::var("MILLSTREAM_TEST_BROKERS").ok()?;
        (!bootstrap.is_empty()).then(|| Self::at(bootstrap, None))
    }

    pub(crate) fn at(bootstrap: String, home: Option<PathBuf>) -> Self {
        Self { kind: BrokerKind::Real, bootstrap, embedded: None, home, producer: OnceLock::new() }
    }

    /// Which broker this is.
    pub fn kind(&self) -> BrokerKind {
        self.kind
    }

    /// The addresses for `bootstrap.servers`.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Whether the broker can do it.
    pub fn can(&self, capability: Capability) -> bool {
        self.kind.can(capability)
    }

    /// Panics with the way out when the broker cannot do it.
    pub(crate) fn require(&self, capability: Capability) {
        assert!(
            self.can(capability),
            "the {:?} broker cannot do {capability:?}; write this test with `real_broker!`, or ask `broker.can(..)` first",
            self.kind
        );
    }

    /// A client configuration for this broker, with quick reconnects.
    pub fn client_config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap).set("reconnect.backoff.max.ms", "300");
        config
    }

    /// A consumer configuration for this broker: commits by hand, begins at the start, reads without delay.
    pub fn consumer_config(&self, group: &str) -> ClientConfig {
        let mut config = self.client_config();
        config
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set("session.timeout.ms", "6000");
        if !self.can(Capability::FetchWakesOnData) {
            config.set("fetch.wait.max.ms", "10");
        }
        config
    }

    pub(crate) fn producer(&self) -> &FutureProducer {
        self.producer.get_or_init(|| {
            self.client_config()
                .set("linger.ms", "0")
                .set("message.timeout.ms", "60000")
                .create()
                .unwrap_or_else(|error| panic!("no producer for {}: {error}", self.bootstrap))
        })
    }

    pub(crate) fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client_config().create().unwrap_or_else(|error| panic!("no admin client for {}: {error}", self.bootstrap))
    }

    /// A consumer that belongs to no group, to ask questions with.
    pub(crate) fn observer(&self, group: &str) -> BaseConsumer {
        self.consumer_config(group)
            .create()
            .unwrap_or_else(|error| panic!("no consumer for {}: {error}", self.bootstrap))
    }
}

/// Runs a blocking question to the broker beside the async test.
pub(crate) async fn blocking<T: Send + 'static>(question: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(question).await {
        Ok(answer) => answer,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => panic!("the question to the broker was cancelled: {error}"),
    }
}
