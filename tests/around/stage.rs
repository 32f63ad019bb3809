//! A topic, a group and an application with one listener that does what the test tells it.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{App, AppBuilder};

/// What happened, in its order.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub(crate) fn note(&self, entry: impl Into<String>) {
        self.0.lock().unwrap().push(entry.into());
    }

    pub(crate) fn entries(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

type Act = dyn Fn(&Context) -> Result<()> + Send + Sync;

/// Notes the offset, and does what the test says.
pub(crate) struct Reader {
    pub(crate) journal: Journal,
    pub(crate) act: Arc<Act>,
}

impl Reader {
    pub(crate) fn new(journal: &Journal, act: impl Fn(&Context) -> Result<()> + Send + Sync + 'static) -> Self {
        Self { journal: journal.clone(), act: Arc::new(act) }
    }

    pub(crate) fn ok(journal: &Journal) -> Self {
        Self::new(journal, |_| Ok(()))
    }
}

#[consumer]
impl Reader {
    #[kafka_listener("named-by-the-test")]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        self.journal.note(format!("listener {}", ctx.offset()));
        (self.act)(ctx)
    }
}

/// Handles each id once.
pub(crate) struct Once(pub(crate) Reader);

#[consumer]
impl Once {
    #[kafka_listener("named-by-the-test", idempotent(key = "id", ttl = "1h", lease = "5s", store = "keys"))]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        self.0.journal.note(format!("listener {}", ctx.offset()));
        (self.0.act)(ctx)
    }
}

pub(crate) struct Stage<'b> {
    pub(crate) broker: &'b Broker,
    pub(crate) topic: String,
    pub(crate) group: String,
}

impl<'b> Stage<'b> {
    pub(crate) async fn new(broker: &'b Broker) -> Self {
        Self::with_partitions(broker, 1).await
    }

    pub(crate) async fn with_partitions(broker: &'b Broker, partitions: i32) -> Self {
        let stage = Self { broker, topic: unique("topic"), group: unique("group") };
        broker.create_topic(&stage.topic, partitions).await;
        stage
    }

    pub(crate) async fn produce(&self, payloads: impl IntoIterator<Item = impl Into<Vec<u8>>>) {
        self.produce_to(0, payloads).await;
    }

    pub(crate) async fn produce_to(&self, partition: i32, payloads: impl IntoIterator<Item = impl Into<Vec<u8>>>) {
        let records = payloads.into_iter().map(|payload| Record::to(&self.topic).partition(partition).payload(payload));
        self.broker.produce_many(records).await;
    }

    /// An application of which every listener reads the topic; `toml` is added to its configuration.
    pub(crate) fn app(&self, listener: &str, toml: &str) -> AppBuilder {
        let protocol = if self.broker.kind() == BrokerKind::Embedded { "consumer" } else { "cooperative" };
        let text = format!(
            r#"
            [kafka]
            brokers = ["{}"]
            group_id = "{}"
            group_protocol = "{protocol}"
            commit_interval = "100ms"
            [kafka.consumer.properties]
            "fetch.wait.max.ms" = 20
            [kafka.listener_defaults]
            start = "earliest"
            backoff = {{ initial = "5ms", max = "20ms", jitter = 0.0 }}
            [kafka.listeners."{listener}.on_message"]
            topics = ["{}"]
            {toml}
            "#,
            self.broker.bootstrap(),
            self.group,
            self.topic,
        );
        App::builder().discover(false).read_files(false).read_environment(false).config_text(text)
    }

    pub(crate) async fn wait_for_position(&self, wanted: i64) {
        self.wait_for_position_of(0, wanted).await;
    }

    pub(crate) async fn wait_for_position_of(&self, partition: i32, wanted: i64) {
        wait_until(&format!("the group's position in partition {partition} is {wanted}"), async || {
            let committed = self.broker.committed(&self.group, &self.topic).await;
            committed.get(&partition).is_some_and(|committed| committed.offset == wanted)
        })
        .await;
    }
}
