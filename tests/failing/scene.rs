//! A topic, a group and a listener whose script says which messages fail.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{App, AppBuilder, Origin, PartitionState};

use crate::running::Running;

/// The only listener's id.
pub(crate) const LISTENER: &str = "Reader.on_message";

/// A call of the listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) payload: String,
    pub(crate) attempt: u32,
    pub(crate) origin: Option<Origin>,
    pub(crate) timestamp: Option<i64>,
}

type Script = dyn Fn(&Call, &Context) -> Result<()> + Send + Sync;

/// What the listener does, and what it was called with; clones are the same.
#[derive(Clone)]
pub(crate) struct Plot {
    script: Arc<Script>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Plot {
    pub(crate) fn new(script: impl Fn(&Call, &Context) -> Result<()> + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), calls: Arc::default() }
    }

    /// Every message with this payload fails each time.
    pub(crate) fn failing_at(payload: &'static str) -> Self {
        Self::new(move |call, _| if call.payload == payload { Err(Error::new("no such customer")) } else { Ok(()) })
    }

    pub(crate) fn ok() -> Self {
        Self::new(|_, _| Ok(()))
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The attempts at the message with this payload, in their order.
    pub(crate) fn attempts(&self, payload: &str) -> Vec<u32> {
        self.calls().iter().filter(|call| call.payload == payload).map(|call| call.attempt).collect()
    }

    /// The payloads in the order of their calls.
    pub(crate) fn payloads(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.payload).collect()
    }
}

struct Reader {
    script: Plot,
}

#[consumer]
impl Reader {
    #[kafka_listener("named-by-the-configuration")]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        let call = Call {
            topic: ctx.topic().to_owned(),
            partition: ctx.partition(),
            offset: ctx.offset(),
            payload: ctx.payload().map(|payload| String::from_utf8_lossy(payload).into_owned()).unwrap_or_default(),
            attempt: ctx.attempt(),
            origin: ctx.origin(),
            timestamp: ctx.timestamp().map(|timestamp| timestamp.milliseconds),
        };
        self.script.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
        (self.script.script)(&call, ctx)
    }
}

/// A topic and a group on a broker.
pub(crate) struct Scene<'b> {
    pub(crate) broker: &'b Broker,
    pub(crate) topic: String,
    pub(crate) group: String,
}

impl<'b> Scene<'b> {
    pub(crate) async fn new(broker: &'b Broker, partitions: i32) -> Self {
        let scene = Self { broker, topic: unique("orders"), group: unique("billing") };
        broker.create_topic(&scene.topic, partitions).await;
        scene
    }

    pub(crate) fn dead(&self) -> String {
        format!("{}.{}.dead", self.topic, self.group)
    }

    /// Options of a listener whose dead letters cannot be written.
    pub(crate) fn dead_letters_to_a_topic_that_nobody_creates(&self) -> String {
        let topic = self.dead();
        format!("retries = 0\non_failure = \"dead_letter\"\n[kafka.topics.\"{topic}\"]\ncreate = false")
    }

    pub(crate) fn retry(&self, delay: &str) -> String {
        format!("{}.{}.retry.{delay}", self.topic, self.group)
    }

    /// Appends messages to a partition.
    pub(crate) async fn produce(&self, partition: i32, payloads: &[&str]) {
        for payload in payloads {
            self.broker.produce(Record::to(&self.topic).partition(partition).payload(*payload)).await;
        }
    }

    /// The application with the listener's options; `more` are other tables.
    pub(crate) fn app(&self, script: &Plot, options: &str, more: &str) -> AppBuilder {
        let fetch_wait = if self.broker.can(Capability::FetchWakesOnData) { 100 } else { 10 };
        // A member that joins a classic group of the embedded broker waits there for most of a session.
        let protocol = if self.broker.kind() == BrokerKind::Embedded { "consumer" } else { "cooperative" };
        let mut text = format!(
            r#"
            [kafka]
            brokers = ["{}"]
            group_id = "{}"
            group_protocol = "{protocol}"
            commit_interval = "100ms"

            [kafka.consumer.properties]
            "fetch.wait.max.ms" = {fetch_wait}

            [kafka.listener_defaults]
            start = "earliest"
            backoff = {{ initial = "5ms", max = "20ms", jitter = 0.0 }}

            [kafka.listeners."{LISTENER}"]
            "#,
            self.broker.bootstrap(),
            self.group,
        );
        if !options.contains("pattern") {
            writeln!(text, "topics = [\"{}\"]", self.topic).expect("text is written to memory");
        }
        write!(text, "{options}\n{more}\n").expect("text is written to memory");
        let app = App::builder().discover(false).read_files(false).read_environment(false).config_text(text);
        app.consumer(Reader { script: script.clone() })
    }

    /// Starts the application and waits until it reads.
    pub(crate) async fn start(&self, script: &Plot, options: &str) -> Running {
        let running = Running::start(self.app(script, options, "")).await;
        running.handle.ready().await.unwrap_or_else(|error| panic!("the application is not ready: {error}"));
        running
    }

    pub(crate) async fn position(&self, topic: &str, partition: i32) -> Option<i64> {
        self.broker.committed(&self.group, topic).await.get(&partition).map(|committed| committed.offset)
    }

    pub(crate) async fn wait_for_position(&self, topic: &str, partition: i32, wanted: i64) {
        let what = format!("the group's position of {topic}/{partition} is {wanted}");
        wait_until(&what, async || self.position(topic, partition).await == Some(wanted)).await;
    }

    /// Waits until a topic holds so many records.
    pub(crate) async fn records(&self, topic: &str, count: usize) -> Vec<Received> {
        wait_until(&format!("topic {topic} holds {count} records"), async || {
            let records = self.broker.read_all(topic).await;
            (records.len() >= count).then_some(records)
        })
        .await
    }
}

impl Running {
    /// What the listener does with a partition.
    pub(crate) fn state(&self, topic: &str, partition: i32) -> Option<PartitionState> {
        let listeners = self.handle.listeners();
        let listener = listeners.into_iter().find(|status| *status.id == *LISTENER)?;
        let mut partitions = listener.partitions.into_iter();
        partitions.find(|status| *status.topic == *topic && status.partition == partition).map(|status| status.state)
    }
}

/// The value of the only header of a name, as text.
pub(crate) fn header<'r>(record: &'r Received, name: &str) -> &'r str {
    let values: Vec<_> = record.headers.iter().filter(|(each, _)| each == name).collect();
    assert_eq!(values.len(), 1, "{name} in {:?}", record.headers);
    std::str::from_utf8(values[0].1.as_deref().expect("a value")).expect("text")
}
