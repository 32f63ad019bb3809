//! A topic and a group of one test, and applications that read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use harness::prelude::*;
use millstream::{App, AppBuilder, PartitionState, RunError};

use crate::probe::{Auto, Manual, Probe};
use crate::running::Running;

/// A topic and a group on a broker.
pub(crate) struct Stage<'b> {
    pub(crate) broker: &'b Broker,
    pub(crate) topic: String,
    pub(crate) group: String,
}

/// Whether a listener commits by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Auto,
    Manual,
}

/// Both.
pub(crate) const MODES: [Mode; 2] = [Mode::Auto, Mode::Manual];

/// The name of the only listener's consumer, and its id.
pub(crate) const READER: &str = "Reader";
pub(crate) const READER_ID: &str = "Reader.on_message";

/// The names of several consumers of one application.
pub(crate) const FIRST: &str = "First";
pub(crate) const SECOND: &str = "Second";
pub(crate) const THIRD: &str = "Third";

impl<'b> Stage<'b> {
    pub(crate) async fn new(broker: &'b Broker, partitions: i32) -> Self {
        let stage = Self { broker, topic: unique("topic"), group: unique("group") };
        broker.create_topic(&stage.topic, partitions).await;
        stage
    }

    /// Appends messages to a partition; the payload is the number.
    pub(crate) async fn produce(&self, partition: i32, count: usize) {
        let records = (0..count).map(|number| Record::to(&self.topic).partition(partition).payload(number.to_string()));
        self.broker.produce_many(records).await;
    }

    /// An application on the stage's broker, in its group, without any listener yet. Failed messages come again soon.
    pub(crate) fn app(&self) -> AppBuilder {
        let fetch_wait = if self.broker.can(Capability::FetchWakesOnData) { 100 } else { 10 };
        // A member that joins a classic group of the embedded broker waits there for most of a session.
        let protocol = if self.broker.kind() == BrokerKind::Embedded { "consumer" } else { "cooperative" };
        let text = format!(
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
            "#,
            self.broker.bootstrap(),
            self.group,
        );
        App::builder().discover(false).read_files(false).read_environment(false).config_text(text)
    }

    /// Binds a listener under a name; it reads the stage's topic. `options` are lines of its table.
    pub(crate) fn listener(
        &self,
        app: AppBuilder,
        name: &'static str,
        mode: Mode,
        probe: &Probe,
        options: &str,
    ) -> AppBuilder {
        let mut table = String::new();
        write!(table, "[kafka.listeners.\"{name}.on_message\"]\ntopics = [\"{}\"]\n{options}\n", self.topic)
            .expect("text is written to memory");
        bind(app.config_text(table), name, mode, probe)
    }

    /// Starts an application with one listener, `Reader.on_message`, and waits until it reads.
    pub(crate) async fn reader(&self, mode: Mode, probe: &Probe, options: &str) -> Running {
        self.start(self.listener(self.app(), READER, mode, probe, options)).await
    }

    pub(crate) async fn start(&self, app: AppBuilder) -> Running {
        let running = Running::start(app).await;
        running.handle.ready().await.unwrap_or_else(|error| panic!("the application is not ready: {error}"));
        running
    }

    /// The group's positions, asked by a client that is no member.
    pub(crate) async fn positions(&self) -> BTreeMap<i32, i64> {
        let committed = self.broker.committed(&self.group, &self.topic).await;
        committed.into_iter().map(|(partition, committed)| (partition, committed.offset)).collect()
    }

    pub(crate) async fn position(&self, partition: i32) -> Option<i64> {
        self.positions().await.get(&partition).copied()
    }

    pub(crate) async fn wait_for_position(&self, partition: i32, wanted: i64) {
        let what = format!("the group's position of partition {partition} is {wanted}");
        wait_until(&what, async || self.position(partition).await == Some(wanted)).await;
    }

    /// What a new start of the group delivers: runs an application with the same listener that handles everything until
    /// it has had the last message of partition 0.
    pub(crate) async fn restart_delivers(&self, mode: Mode) -> Vec<i64> {
        let probe = Probe::ok();
        let last = self.broker.watermarks(&self.topic, 0).await.1 - 1;
        let running = self.reader(mode, &probe, "").await;
        wait_until("the restarted listener has had the last message", async || probe.offsets().contains(&last)).await;
        running.end().await;
        probe.offsets()
    }
}

impl Running {
    /// What a listener does with a partition.
    pub(crate) fn state(&self, listener: &str, partition: i32) -> Option<PartitionState> {
        let listeners = self.handle.listeners();
        let listener = listeners.into_iter().find(|status| *status.id == *listener)?;
        listener.partitions.into_iter().find(|status| status.partition == partition).map(|status| status.state)
    }

    /// Waits until a listener is paused on a partition: at which offset, and why.
    pub(crate) async fn paused(&self, listener: &str, partition: i32) -> (i64, String) {
        let what = format!("listener {listener} is paused on partition {partition}");
        wait_until(&what, async || match self.state(listener, partition) {
            Some(PartitionState::Paused { offset, reason }) => Some((offset, reason)),
            _ => None,
        })
        .await
    }

    /// Waits until it has ended by itself with an error.
    pub(crate) async fn failed(self) -> RunError {
        self.handle.ended().await.expect_err("the application was to fail")
    }
}

/// Binds a consumer under a name; each name has a type of its own.
fn bind(app: AppBuilder, name: &'static str, mode: Mode, probe: &Probe) -> AppBuilder {
    match (name, mode) {
        (SECOND, Mode::Auto) => app.generic_consumer_as(name, Auto::<Second>::new(probe)),
        (SECOND, Mode::Manual) => app.generic_consumer_as(name, Manual::<Second>::new(probe)),
        (THIRD, Mode::Auto) => app.generic_consumer_as(name, Auto::<Third>::new(probe)),
        (THIRD, Mode::Manual) => app.generic_consumer_as(name, Manual::<Third>::new(probe)),
        (_, Mode::Auto) => app.generic_consumer_as(name, Auto::<First>::new(probe)),
        (_, Mode::Manual) => app.generic_consumer_as(name, Manual::<First>::new(probe)),
    }
}

struct First;
struct Second;
struct Third;
