//! A topic, a topic for replies, a group, and a listener whose script says what it answers.

use std::fmt::Write as _;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{App, AppBuilder, ListenerStatus, PartitionState, Reply};

use crate::running::Running;

/// The ids of the listeners; the first is enabled unless another is asked for.
pub(crate) const ON_REQUEST: &str = "Clerk.on_request";
pub(crate) const BY_HAND: &str = "Clerk.by_hand";
pub(crate) const ON_THREAD: &str = "Clerk.on_thread";
pub(crate) const ON_NUMBERS: &str = "Clerk.on_numbers";

pub(crate) const DISPOSED: &str = "kafka_nest-is-disposed";
pub(crate) const NEST_ERROR: &str = "kafka_nest-err";

/// What the script returns.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Reply<String>>> + Send>>;

/// A call of the listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) payload: String,
    pub(crate) attempt: u32,
}

type Script = dyn Fn(&Call, &Context) -> Answering + Send + Sync;

/// What the listener does, and what it was called with; clones are the same.
#[derive(Clone)]
pub(crate) struct Plot {
    script: Arc<Script>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Plot {
    pub(crate) fn new(script: impl Fn(&Call, &Context) -> Result<Reply<String>> + Send + Sync + 'static) -> Self {
        Self::waiting(move |call, ctx| Box::pin(ready(script(call, ctx))))
    }

    pub(crate) fn waiting(script: impl Fn(&Call, &Context) -> Answering + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), calls: Arc::default() }
    }

    /// Says every payload in capitals.
    pub(crate) fn loud() -> Self {
        Self::new(|call, _| Ok(Reply::new(call.payload.to_uppercase())))
    }

    /// Fails each time with this error.
    pub(crate) fn failing(error: impl Fn() -> Error + Send + Sync + 'static) -> Self {
        Self::new(move |_, _| Err(error()))
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The payloads in the order of their calls.
    pub(crate) fn payloads(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.payload).collect()
    }

    fn call(&self, ctx: &Context) -> Answering {
        let payload = ctx.payload().map(|payload| String::from_utf8_lossy(payload).into_owned());
        let call = Call {
            topic: ctx.topic().to_owned(),
            partition: ctx.partition(),
            offset: ctx.offset(),
            payload: payload.unwrap_or_default(),
            attempt: ctx.attempt(),
        };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
        (self.script)(&call, ctx)
    }
}

struct Clerk {
    plot: Plot,
}

#[consumer]
impl Clerk {
    #[kafka_listener("named-by-the-configuration", reply, enabled = false)]
    async fn on_request(&self, ctx: &Context) -> Result<Reply<String>> {
        self.plot.call(ctx).await
    }

    #[kafka_listener("named-by-the-configuration", reply, auto_commit = false, enabled = false)]
    async fn by_hand(&self, ctx: &Context) -> Result<Reply<String>> {
        self.plot.call(ctx).await
    }

    #[kafka_listener("named-by-the-configuration", reply, blocking, enabled = false)]
    fn on_thread(&self, ctx: &Context) -> Result<Reply<String>> {
        futures_util::FutureExt::now_or_never(self.plot.call(ctx)).expect("a script that does not wait")
    }

    #[kafka_listener("named-by-the-configuration", reply, enabled = false)]
    async fn on_numbers(&self, Json(numbers): Json<Vec<i64>>, ctx: &Context) -> Result<i64> {
        drop(self.plot.call(ctx));
        Ok(numbers.iter().sum())
    }
}

/// A request as a plain producer writes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) partition: i32,
    pub(crate) id: &'q str,
    pub(crate) payload: &'q str,
}

/// A reply as a plain consumer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) partition: i32,
    pub(crate) id: String,
    pub(crate) text: Option<String>,
    /// The names of the headers beside the id.
    pub(crate) marks: Vec<String>,
}

impl Told {
    /// One value that is the last.
    pub(crate) fn value(id: &str, text: &str) -> Self {
        Self { partition: 1, id: id.into(), text: Some(text.into()), marks: vec![DISPOSED.into()] }
    }

    /// One value that others follow.
    pub(crate) fn one_of_many(id: &str, text: &str) -> Self {
        Self { marks: Vec::new(), ..Self::value(id, text) }
    }

    /// The end without a value.
    pub(crate) fn end(id: &str) -> Self {
        Self { text: None, ..Self::value(id, "") }
    }

    pub(crate) fn error(id: &str) -> Self {
        Self { marks: vec![NEST_ERROR.into(), DISPOSED.into()], ..Self::end(id) }
    }
}

/// Topics and a group on a broker.
pub(crate) struct Scene<'b> {
    pub(crate) broker: &'b Broker,
    pub(crate) topic: String,
    /// Replies go to its partition 1.
    pub(crate) replies: String,
    pub(crate) group: String,
}

impl<'b> Scene<'b> {
    pub(crate) async fn new(broker: &'b Broker, partitions: i32) -> Self {
        let scene = Self::without_replies(broker, partitions).await;
        scene.create_replies().await;
        scene
    }

    /// Without the topic for replies.
    pub(crate) async fn without_replies(broker: &'b Broker, partitions: i32) -> Self {
        let topic = unique("sums");
        let scene = Self { broker, replies: format!("{topic}.reply"), topic, group: unique("math") };
        broker.create_topic(&scene.topic, partitions).await;
        scene
    }

    pub(crate) async fn create_replies(&self) {
        self.broker.create_topic(&self.replies, 3).await;
    }

    /// A request with `NestJS`' headers.
    pub(crate) fn request(&self, Question { partition, id, payload }: Question<'_>) -> Record {
        Record::to(&self.topic)
            .partition(partition)
            .payload(payload)
            .header("kafka_correlationId", id)
            .header("kafka_replyTopic", &*self.replies)
            .header("kafka_replyPartition", "1")
    }

    pub(crate) async fn ask(&self, id: &str, payload: &str) {
        self.broker.produce(self.request(Question { partition: 0, id, payload })).await;
    }

    /// A message that asks for nothing.
    pub(crate) async fn emit(&self, payload: &str) {
        self.broker.produce(Record::to(&self.topic).partition(0).payload(payload)).await;
    }

    /// The application with one listener and its options; `more` are other tables.
    pub(crate) fn app(&self, plot: &Plot, listener: &str, options: &str, more: &str) -> AppBuilder {
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

            [kafka.listeners."{listener}"]
            enabled = true
            topics = ["{}"]
            "#,
            self.broker.bootstrap(),
            self.group,
            self.topic,
        );
        write!(text, "{options}\n{more}\n").expect("text is written to memory");
        let app = App::builder().discover(false).read_files(false).read_environment(false).config_text(text);
        app.consumer(Clerk { plot: plot.clone() })
    }

    /// Starts an application with the first listener and waits until it reads.
    pub(crate) async fn start(&self, plot: &Plot, options: &str) -> Running {
        self.start_as(plot, ON_REQUEST, options).await
    }

    pub(crate) async fn start_as(&self, plot: &Plot, listener: &str, options: &str) -> Running {
        self.run(self.app(plot, listener, options, "")).await
    }

    pub(crate) async fn run(&self, app: AppBuilder) -> Running {
        let running = Running::start(app).await;
        running.handle.ready().await.unwrap_or_else(|error| panic!("the application is not ready: {error}"));
        running
    }

    pub(crate) async fn position(&self, partition: i32) -> Option<i64> {
        self.broker.committed(&self.group, &self.topic).await.get(&partition).map(|committed| committed.offset)
    }

    pub(crate) async fn wait_for_position(&self, partition: i32, wanted: i64) {
        let what = format!("the group's position of {}/{partition} is {wanted}", self.topic);
        wait_until(&what, async || self.position(partition).await == Some(wanted)).await;
    }

    /// Waits until a topic holds so many records.
    pub(crate) async fn records(&self, topic: &str, count: usize) -> Vec<Received> {
        wait_until(&format!("topic {topic} holds {count} records"), async || {
            let records = self.broker.read_all(topic).await;
            (records.len() >= count).then_some(records)
        })
        .await
    }

    /// What was replied, once there are so many.
    pub(crate) async fn told(&self, count: usize) -> Vec<Told> {
        self.records(&self.replies, count).await.iter().map(told).collect()
    }
}

fn told(record: &Received) -> Told {
    let text = record.payload.clone().map(|payload| String::from_utf8(payload).expect("text"));
    let names = record.headers.iter().map(|(name, _)| name.clone());
    Told {
        partition: record.partition,
        id: header(record, "kafka_correlationId").to_owned(),
        text,
        marks: names.filter(|name| name != "kafka_correlationId").collect(),
    }
}

impl Running {
    /// The only listener that reads something.
    pub(crate) fn listener(&self) -> ListenerStatus {
        let mut listeners = self.handle.listeners().into_iter();
        listeners
            .find(|status| !status.topics.is_empty() && *status.topics[0] != *"named-by-the-configuration")
            .expect("a listener")
    }

    /// What it does with a partition.
    pub(crate) fn state(&self, partition: i32) -> Option<PartitionState> {
        let mut partitions = self.listener().partitions.into_iter();
        partitions.find(|status| status.partition == partition).map(|status| status.state)
    }

    pub(crate) async fn wait_until_writing(&self, offset: i64) {
        wait_until(
            &format!("the lane cannot write what follows offset {offset}"),
            async || matches!(self.state(0), Some(PartitionState::Writing { offset: at, .. }) if at == offset),
        )
        .await;
    }

    pub(crate) async fn wait_until_paused(&self, offset: i64) {
        wait_until(
            &format!("the lane is paused at offset {offset}"),
            async || matches!(self.state(0), Some(PartitionState::Paused { offset: at, .. }) if at == offset),
        )
        .await;
    }
}

/// The value of the only header of a name, as text.
pub(crate) fn header<'r>(record: &'r Received, name: &str) -> &'r str {
    let values: Vec<_> = record.headers.iter().filter(|(each, _)| each == name).collect();
    assert_eq!(values.len(), 1, "{name} in {:?}", record.headers);
    std::str::from_utf8(values[0].1.as_deref().expect("a value")).expect("text")
}

/// The error that a reply carries: status, message and kind.
pub(crate) fn error_of(record: &Received) -> (String, String, String) {
    let error: serde_json::Value = serde_json::from_str(header(record, NEST_ERROR)).expect("JSON");
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("status"), text("message"), text("kind"))
}
