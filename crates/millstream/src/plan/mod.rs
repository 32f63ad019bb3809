//! What the engine is told: every decision of configuration and attributes is taken, nothing is left open.

mod failure;
mod listener;

pub(crate) use failure::*;
pub(crate) use listener::*;

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
    /// How requests are asked in it.
    pub(crate) requests: RequestsPlan,
    /// The topics that the configuration declares.
    pub(crate) topics: Vec<TopicPlan>,
    /// What to do when a topic that a listener names does not exist.
    pub(crate) missing_topics: MissingTopics,
}

/// How requests are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestsPlan {
    /// How long a reply may take where nobody says.
    pub(crate) timeout: Duration,
    /// How many partitions a reply topic gets that is missing.
    pub(crate) reply_partitions: i32,
    /// The user's librdkafka properties for the client that reads replies.
    pub(crate) properties: BTreeMap<String, String>,
}

impl Default for RequestsPlan {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), reply_partitions: 3, properties: BTreeMap::new() }
    }
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
