//! What one listener does.

use super::FailurePlan;
use crate::listener::BoundListener;
use crate::registry::Location;
use std::sync::Arc;
use std::time::Duration;

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
    /// Whether and how its results are sent as answers.
    pub(crate) answer: Option<AnswerPlan>,
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

impl ListenerPlan {
    /// Whether who asked is told of a failure for good.
    pub(crate) fn tells_errors(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.send_to.is_none())
    }
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

/// How a listener's results are sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AnswerPlan {
    /// Whose conventions answers follow; `None` is told by the headers of each request.
    pub(crate) wire: Option<crate::wire::Wire>,
    /// The topic that every result goes to, whatever the headers say; `None` answers requests where they ask for it.
    pub(crate) send_to: Option<Arc<str>>,
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
