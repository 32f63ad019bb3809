//! What the engine is told: every decision of configuration and attributes is taken, nothing is left open.

use crate::listener::BoundListener;
use crate::registry::Location;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Everything that one application runs.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The clusters that its subscriptions use.
    pub(crate) clusters: Vec<ClusterPlan>,
    /// Its group members, one for each (cluster, group).
    pub(crate) subscriptions: Vec<SubscriptionPlan>,
    /// How it starts and ends.
    pub(crate) application: ApplicationPlan,
}

/// How the application as a whole starts and ends.
#[derive(Debug, Clone)]
pub(crate) struct ApplicationPlan {
    /// After how long without a first assignment the start is an error; `None` waits for ever.
    pub(crate) start_timeout: Option<Duration>,
    /// How long handlers may go on after a stop was asked for.
    pub(crate) drain_timeout: Duration,
    /// How many bytes of messages that were taken and are not settled all listeners may hold together, where they
    /// handle several of a partition at once.
    pub(crate) open_memory: u64,
}

/// What [`ApplicationPlan::open_memory`] is where nobody says.
pub(crate) const OPEN_MEMORY: u64 = 256 << 20;

/// One Kafka cluster.
#[derive(Debug, Clone)]
pub(crate) struct ClusterPlan {
    /// `default`, or the name in `[kafka.clusters]`.
    pub(crate) name: Arc<str>,
    /// Where it is.
    pub(crate) brokers: Brokers,
    /// librdkafka properties for clients that only ask for metadata.
    pub(crate) properties: BTreeMap<String, String>,
    /// The user's librdkafka properties for its producer.
    pub(crate) producer: BTreeMap<String, String>,
    /// Whether the producer's client is made at once, since the user said something that may be wrong.
    pub(crate) check_producer: bool,
    /// The topics that the configuration declares.
    pub(crate) topics: Vec<TopicPlan>,
    /// What to do when a topic that a listener names does not exist.
    pub(crate) missing_topics: MissingTopics,
}

/// A topic that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicPlan {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// How many partitions it has.
    pub(crate) partitions: PartitionsWanted,
    /// How many brokers keep it; `None` leaves it to the broker.
    pub(crate) replication: Option<i16>,
    /// Its configuration where it is not the broker's.
    pub(crate) config: BTreeMap<String, String>,
    /// Whether it is created when it is missing.
    pub(crate) create: bool,
    /// What its configuration must be: anything else is an error of the start.
    pub(crate) required: Vec<ConfigRule>,
}

/// How many partitions a topic has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartitionsWanted {
    /// As many as the broker gives a new topic.
    BrokerDefault,
    /// So many.
    Count(i32),
    /// As many as another topic has when this one is created.
    SameAs(Arc<str>),
}

/// What a topic's configuration must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigRule {
    /// The name, such as `retention.ms`.
    pub(crate) name: String,
    /// What it may be.
    pub(crate) allowed: Allowed,
    /// Why, as it goes on after "because".
    pub(crate) reason: String,
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// A number not below this one, or `-1`, which means no limit.
    AtLeast(i64),
    /// This text.
    Exactly(String),
}

/// Where a cluster is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Brokers {
    /// `host:port`, at least one.
    Addresses(Vec<String>),
    /// A broker inside the process.
    Embedded(EmbeddedPlan),
}

/// The broker inside the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmbeddedPlan {
    /// How many partitions the topics that listeners name get.
    pub(crate) partitions: i32,
    /// The port that others can connect to; `None` leaves it to chance.
    pub(crate) port: Option<u16>,
    /// Topics that are filled at start, each from a file.
    pub(crate) seeds: Vec<SeedPlan>,
}

/// A file that fills a topic of the embedded broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeedPlan {
    /// The topic.
    pub(crate) topic: String,
    /// A line a message.
    pub(crate) file: std::path::PathBuf,
    /// The JSON field whose value becomes the key.
    pub(crate) key_field: Option<String>,
}

/// What to do about a topic that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingTopics {
    /// Say so and wait until it does.
    Wait,
    /// A start error.
    Fail,
}

/// One group member.
#[derive(Debug, Clone)]
pub(crate) struct SubscriptionPlan {
    /// The cluster's name.
    pub(crate) cluster: Arc<str>,
    /// The group.
    pub(crate) group_id: Arc<str>,
    /// How members agree on who reads what.
    pub(crate) protocol: GroupProtocol,
    /// The name that keeps its partitions over a restart.
    pub(crate) group_instance_id: Option<String>,
    /// librdkafka properties of the user, already without those that the engine sets itself.
    pub(crate) properties: BTreeMap<String, String>,
    /// The longest time between two sends of positions.
    pub(crate) commit_interval: Duration,
    /// How long a revoke waits for handlers.
    pub(crate) revoke_timeout: Duration,
    /// The bound of prefetched bytes for this member.
    pub(crate) memory: u64,
    /// Its listeners, in the order of their source.
    pub(crate) listeners: Vec<ListenerPlan>,
}

/// How members of a group agree on who reads what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupProtocol {
    /// The classic protocol, giving everything back at each rebalance.
    ClassicEager,
    /// The classic protocol, keeping what is not moved.
    ClassicCooperative,
    /// KIP-848: the broker decides.
    Consumer,
}

/// One listener.
#[derive(Debug, Clone)]
pub(crate) struct ListenerPlan {
    /// `Type.method`, or the id it was given.
    pub(crate) id: Arc<str>,
    /// Where its attribute stands.
    pub(crate) location: Location,
    /// The topics it names; empty with a pattern.
    pub(crate) topics: Vec<Arc<str>>,
    /// The pattern, anchored on both sides.
    pub(crate) pattern: Option<Arc<str>>,
    /// Where a group without a position starts.
    pub(crate) start: Start,
    /// Whether a handled message is settled without being asked for.
    pub(crate) auto_commit: bool,
    /// What must be handled one after the other.
    pub(crate) order_by: OrderBy,
    /// How many of its handlers run at once in this process; `None` is one for each partition, and with
    /// another order than the partition's [`DEFAULT_CONCURRENCY`].
    pub(crate) concurrency: Option<u32>,
    /// Whether its method is a plain function, to be run on threads that may block.
    pub(crate) blocking: bool,
    /// Whether and how it takes several messages at once.
    pub(crate) batch: Option<BatchPlan>,
    /// How many messages it begins in a time, at most.
    pub(crate) rate: Option<Rate>,
    /// What goes around its method, outermost first; made at start, empty while only the configuration is checked.
    pub(crate) layers: Vec<LayerPlan>,
    /// How it tells messages that were handled before.
    pub(crate) idempotent: Option<IdempotentPlan>,
    /// After how long a handler is stopped.
    pub(crate) timeout: Option<Duration>,
    /// What follows a failure.
    pub(crate) failure: FailurePlan,
    /// Where to go when the position no longer exists.
    pub(crate) on_lost_position: OnLostPosition,
    /// How many messages other listeners of the topic, or other lanes of the partition, may be ahead.
    pub(crate) window: u32,
    /// How many bytes of messages that were taken and are not settled a partition may hold.
    pub(crate) window_bytes: u64,
    /// Offsets that are skipped once, in this start.
    pub(crate) skip_offsets: Vec<SkipOffset>,
    /// Its method, bound to its consumer; absent while only the configuration is checked.
    pub(crate) handler: Option<Arc<dyn BoundListener>>,
}

/// Where a group without a position starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// After the last message.
    Latest,
    /// At the first message that exists.
    Earliest,
    /// At the first message not older than this, in milliseconds since 1970.
    Timestamp(i64),
}

/// Where to go when the position no longer exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnLostPosition {
    /// To the nearest message that exists.
    Nearest,
    /// After the last message.
    Latest,
    /// Nowhere: pause.
    Pause,
}

/// What must be handled one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OrderBy {
    /// All messages of a partition.
    #[default]
    Partition,
    /// Messages of a partition with the same key; those without one are of one kind.
    Key,
    /// Nothing.
    None,
}

/// How many handlers of a listener run at once where nobody says, and not the partition's order limits it.
pub(crate) const DEFAULT_CONCURRENCY: u32 = 64;

/// The same for a listener whose method is a plain function: each takes a thread.
pub(crate) const DEFAULT_BLOCKING: u32 = 16;

/// How a listener takes several messages at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchPlan {
    /// At most so many messages.
    pub(crate) max: u32,
    /// Not fewer, unless `wait` is over.
    pub(crate) min: u32,
    /// How long to wait for more after the first.
    pub(crate) wait: Duration,
    /// At most so many bytes of payload; one message may be larger.
    pub(crate) bytes: u64,
    /// Whether messages of all partitions that the listener has in this process come together.
    pub(crate) across_partitions: bool,
}

/// How many messages may begin in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// So many; at least one.
    pub(crate) messages: std::num::NonZeroU32,
    /// In this time.
    pub(crate) per: Duration,
}

/// A layer around a listener, by the name it was registered with.
#[derive(Debug, Clone)]
pub(crate) struct LayerPlan {
    /// Its name.
    pub(crate) name: Arc<str>,
}

/// How a listener tells messages that were handled before.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IdempotentPlan {
    /// Where the key of a message comes from.
    pub(crate) key: IdempotencyKey,
    /// How long a handled key is remembered.
    pub(crate) ttl: Duration,
    /// How long a key counts as being handled when nobody says that it ended.
    pub(crate) lease: Duration,
    /// The name of its store: `memory`, or a table of `[kafka.idempotency]`.
    pub(crate) store: Arc<str>,
}

/// Where the key of a message comes from.
#[derive(Debug, Clone)]
pub(crate) enum IdempotencyKey {
    /// A field of a JSON payload, by its path: `id`, `order.id`.
    Field(Arc<str>),
    /// A header.
    Header(Arc<str>),
    /// The message's key.
    MessageKey,
    /// A function of the program.
    Function(fn(&crate::context::Context) -> Option<String>),
}

impl PartialEq for IdempotencyKey {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Field(one), Self::Field(other)) | (Self::Header(one), Self::Header(other)) => one == other,
            (Self::MessageKey, Self::MessageKey) => true,
            (Self::Function(one), Self::Function(other)) => std::ptr::fn_addr_eq(*one, *other),
            _ => false,
        }
    }
}

/// What follows a failure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FailurePlan {
    /// How often a failed message is tried again.
    pub(crate) retries: Retries,
    /// The waits between.
    pub(crate) backoff: Backoff,
    /// After how long since the first attempt no other begins.
    pub(crate) deadline: Option<Duration>,
    /// Which errors of the handler are worth a retry, and which are not.
    pub(crate) classification: Classification,
    /// Topics in which a failed message waits for its next attempts, each with its delay; in turn, after `retries`.
    pub(crate) retry_topics: Vec<Duration>,
    /// What follows the last attempt.
    pub(crate) on_failure: OnFailure,
    /// Where dead letters go.
    pub(crate) dead_letter: DeadLetterPlan,
    /// After how many deaths of the process a message that was in hand goes the way of a failure; 0 counts none.
    pub(crate) max_crashes: u32,
}

#[cfg(test)]
impl FailurePlan {
    /// Without anything beside these.
    pub(crate) fn plain(retries: Retries, backoff: Backoff, on_failure: OnFailure) -> Self {
        Self {
            retries,
            backoff,
            deadline: None,
            classification: Classification::default(),
            retry_topics: Vec::new(),
            on_failure,
            dead_letter: DeadLetterPlan { topic: "{topic}.{group_id}.dead".into(), spring_headers: false },
            max_crashes: 3,
        }
    }
}

/// Which errors of a handler are worth a retry: predicates over the error and each of its causes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Classification {
    /// When set, only errors that match are tried again.
    pub(crate) retry_on: Option<fn(&(dyn std::error::Error + 'static)) -> bool>,
    /// Errors that match are not tried again.
    pub(crate) terminal: Option<fn(&(dyn std::error::Error + 'static)) -> bool>,
}

impl PartialEq for Classification {
    fn eq(&self, other: &Self) -> bool {
        // Addresses of functions tell nothing: whether there is one does.
        self.retry_on.is_some() == other.retry_on.is_some() && self.terminal.is_some() == other.terminal.is_some()
    }
}

/// Where dead letters go, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetterPlan {
    /// The topic; `{topic}`, `{group_id}` and `{listener}` are replaced. Topics of retries count as their origin.
    pub(crate) topic: Arc<str>,
    /// Whether the headers that Spring's consumers of dead letters know are written too.
    pub(crate) spring_headers: bool,
}

/// How often a failed message is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retries {
    /// At most this many times.
    Count(u32),
    /// Until it succeeds.
    Forever,
}

/// The waits between retries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Backoff {
    /// Before the first retry.
    pub(crate) initial: Duration,
    /// The longest.
    pub(crate) max: Duration,
    /// How much longer each is than the one before.
    pub(crate) factor: f64,
    /// The share by which it varies.
    pub(crate) jitter: f64,
}

/// What follows the last retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// Hold the partition for this listener.
    Pause,
    /// End the application.
    Stop,
    /// Settle the message: it is lost.
    Skip,
    /// Write it to another topic, then settle it.
    DeadLetter,
}

/// A message that is settled without being handled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SkipOffset {
    /// The topic.
    pub(crate) topic: Arc<str>,
    /// The partition.
    pub(crate) partition: i32,
    /// The offset.
    pub(crate) offset: i64,
}
