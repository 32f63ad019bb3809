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
}

/// One Kafka cluster.
#[derive(Debug, Clone)]
pub(crate) struct ClusterPlan {
    /// `default`, or the name in `[kafka.clusters]`.
    pub(crate) name: Arc<str>,
    /// Where it is.
    pub(crate) brokers: Brokers,
    /// librdkafka properties for clients that are no group members (metadata, later producers).
    pub(crate) properties: BTreeMap<String, String>,
    /// What to do when a topic that a listener names does not exist.
    pub(crate) missing_topics: MissingTopics,
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
    /// How many of its handlers run at once; `None` is one for each partition.
    pub(crate) concurrency: Option<u32>,
    /// After how long a handler is stopped.
    pub(crate) timeout: Option<Duration>,
    /// What follows a failure.
    pub(crate) failure: FailurePlan,
    /// Where to go when the position no longer exists.
    pub(crate) on_lost_position: OnLostPosition,
    /// How many messages other listeners of the topic may be ahead.
    pub(crate) window: u32,
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

/// What follows a failure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FailurePlan {
    /// How often a failed message is tried again.
    pub(crate) retries: Retries,
    /// The waits between.
    pub(crate) backoff: Backoff,
    /// What follows the last retry.
    pub(crate) on_failure: OnFailure,
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
