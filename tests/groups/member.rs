//! An application of one listener, as a member of a group.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use harness::{Broker, BrokerKind, Handled, Process, Program, unique, wait_until};
use millstream::prelude::*;
use millstream::{Event, Handle, Setting};
use tokio::time::timeout;

use crate::witness::{Witness, lock};

type Behaviour = Box<dyn for<'c> Fn(&'c Context) -> BoxFuture<'c, Result<()>> + Send + Sync>;

/// The listener: it shows each message to the witness and does what the test says.
struct Probe {
    member: String,
    witness: Arc<Witness>,
    behaviour: Behaviour,
}

#[consumer]
impl Probe {
    #[kafka_listener("named-by-the-test")]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        let at_work = self.witness.begins(&self.member, ctx);
        (self.behaviour)(ctx).await?;
        at_work.succeeded();
        Ok(())
    }
}

/// A member that is about to start.
pub(crate) struct MemberBuilder {
    name: String,
    config: String,
    settings: Vec<(String, Setting)>,
    witness: Arc<Witness>,
    behaviour: Behaviour,
}

/// A running application whose one listener is a member of a group.
pub(crate) struct Member {
    pub(crate) handle: Handle,
    pub(crate) witness: Arc<Witness>,
    name: String,
    events: Arc<Mutex<Vec<Event>>>,
}

/// Bounds what waits for the application itself.
const GENEROUS: Duration = Duration::from_secs(60);

/// Id of the listener, for the handle.
pub(crate) const LISTENER: &str = "Probe.on_message";

impl Member {
    /// A member of a group; it handles every message at once.
    pub(crate) fn of(broker: &Broker, group: &str) -> MemberBuilder {
        MemberBuilder {
            name: unique("member"),
            config: client_config(broker, group),
            settings: Vec::new(),
            witness: Arc::default(),
            behaviour: Box::new(|_| Box::pin(async { Ok(()) })),
        }
    }

    /// Waits until it is ready.
    pub(crate) async fn ready(&self) {
        let ready = timeout(GENEROUS, self.handle.ready()).await;
        let ready = ready.unwrap_or_else(|_| panic!("{} is not ready after {GENEROUS:?}", self.name));
        ready.unwrap_or_else(|error| panic!("{} did not become ready: {error}", self.name));
    }

    /// What happened since its start.
    pub(crate) fn events(&self) -> Vec<Event> {
        lock(&self.events).clone()
    }

    /// Waits for an event and returns what the choice makes of it.
    pub(crate) async fn wait_for_event<T>(&self, what: &str, choice: impl Fn(&Event) -> Option<T>) -> T {
        wait_until(&format!("{} tells {what}", self.name), async || self.events().iter().find_map(&choice)).await
    }

    /// The partitions that it reads now.
    pub(crate) fn partitions(&self) -> BTreeSet<(String, i32)> {
        let listeners = self.handle.listeners();
        let partitions = listeners.iter().flat_map(|listener| &listener.partitions);
        partitions.map(|at| (at.topic.to_string(), at.partition)).collect()
    }

    /// Waits until it reads this many partitions.
    pub(crate) async fn wait_for_partitions(&self, count: usize) {
        let what = format!("{} reads {count} partitions", self.name);
        wait_until(&what, async || self.partitions().len() == count).await;
    }

    /// What it handled, in order.
    pub(crate) fn handled(&self) -> Vec<Handled> {
        self.witness.handled_by(&self.name)
    }

    /// Waits until it has handled at least so many messages.
    pub(crate) async fn wait_for_handled(&self, count: usize) {
        let what = format!("{} has handled {count} messages", self.name);
        wait_until(&what, async || self.handled().len() >= count).await;
    }

    /// Waits until it has handled so many messages more than now.
    pub(crate) async fn wait_for_more(&self, count: usize) {
        self.wait_for_handled(self.handled().len() + count).await;
    }

    /// How often partitions were taken from it.
    pub(crate) fn revocations(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, Event::Revoked { .. })).count()
    }

    /// Stops it; it must end cleanly.
    pub(crate) async fn stop(self) {
        let stopped = timeout(GENEROUS, self.handle.shutdown()).await;
        let stopped = stopped.unwrap_or_else(|_| panic!("{} has not ended after {GENEROUS:?}", self.name));
        stopped.unwrap_or_else(|error| panic!("{} did not end cleanly: {error}", self.name));
    }
}

impl MemberBuilder {
    /// Listens to topics.
    pub(crate) fn topics<T: AsRef<str>, const N: usize>(self, topics: [T; N]) -> Self {
        self.set(&format!("kafka.listeners.{LISTENER:?}.topics"), topics)
    }

    /// Listens to the topics that match.
    pub(crate) fn pattern(self, pattern: &str) -> Self {
        self.set(&format!("kafka.listeners.{LISTENER:?}.pattern"), pattern)
    }

    /// An option of its listener.
    pub(crate) fn option(self, name: &str, value: impl Into<Setting>) -> Self {
        self.set(&format!("kafka.listeners.{LISTENER:?}.{name}"), value)
    }

    /// Where it starts without a position.
    pub(crate) fn start_at(self, start: &str) -> Self {
        self.option("start", start)
    }

    /// How its group shares partitions.
    pub(crate) fn protocol(self, protocol: &str) -> Self {
        self.set("kafka.group_protocol", protocol)
    }

    /// A property of its client.
    pub(crate) fn property(self, name: &str, value: &str) -> Self {
        self.set(&format!("kafka.consumer.properties.{name:?}"), value)
    }

    /// Any key of the configuration.
    pub(crate) fn set(mut self, key: &str, value: impl Into<Setting>) -> Self {
        self.settings.push((key.to_owned(), value.into()));
        self
    }

    /// What its handler does.
    pub(crate) fn behaviour<F>(mut self, behaviour: F) -> Self
    where
        F: for<'c> Fn(&'c Context) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    {
        self.behaviour = Box::new(behaviour);
        self
    }

    /// Sees its handlers together with those of others.
    pub(crate) fn seen_by(mut self, witness: &Arc<Witness>) -> Self {
        self.witness = Arc::clone(witness);
        self
    }

    /// Starts it; it need not be ready yet.
    pub(crate) async fn start(self) -> Member {
        show_log();
        let events = Arc::new(Mutex::new(Vec::new()));
        let collected = Arc::clone(&events);
        let probe = Probe { member: self.name.clone(), witness: Arc::clone(&self.witness), behaviour: self.behaviour };
        let builder = App::builder()
            .read_files(false)
            .read_environment(false)
            .discover(false)
            .config_text(self.config)
            .consumer(probe)
            .on_start(move |handle| async move {
                let mut stream = handle.events();
                tokio::spawn(async move {
                    while let Some(event) = stream.next().await {
                        lock(&collected).push(event);
                    }
                });
                Ok(())
            });
        let settings = self.settings.into_iter();
        let builder = settings.fold(builder, |builder, (key, value)| builder.set(&key, value));
        let app = builder.build().unwrap_or_else(|error| panic!("{} is not configured well: {error}", self.name));
        let handle = app.start().await.unwrap_or_else(|error| panic!("{} does not start: {error}", self.name));
        Member { handle, witness: self.witness, name: self.name, events }
    }

    /// Starts it and waits until it is ready.
    pub(crate) async fn ready(self) -> Member {
        let member = self.start().await;
        member.ready().await;
        member
    }
}

/// Configuration of a member: where the broker is, how it is best talked to, and the group.
pub(crate) fn client_config(broker: &Broker, group: &str) -> String {
    let brokers: Vec<String> = broker.bootstrap().split(',').map(|address| format!("{address:?}")).collect();
    let config = format!("[kafka]\nbrokers = [{}]\ngroup_id = {group:?}\n", brokers.join(", "));
    match broker.kind() {
        BrokerKind::Real => config,
        // It answers an empty fetch late, and its classic groups gather for as long as a session.
        BrokerKind::Embedded => {
            config + "group_protocol = \"consumer\"\nconsumer.properties.\"fetch.wait.max.ms\" = 10\n"
        }
    }
}

/// A member that is a process of its own. `mode` is `handle`, or `hold`: begin with each partition's first message and
/// never end.
pub(crate) fn process(broker: &Broker, group: &str, topic: &str, mode: &str) -> Program {
    Process::program(env!("CARGO_BIN_EXE_group-member"))
        .argument(broker.bootstrap())
        .argument(group)
        .argument(topic)
        .argument(mode)
}

/// With `RUST_LOG` set the members' log is shown with the output of a failed test.
fn show_log() {
    if std::env::var_os("RUST_LOG").is_some() {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        drop(tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init());
    }
}
