//! What a listener can be told: in its attribute, on its consumer, in the configuration.

use std::borrow::Cow;
use std::time::Duration;

/// A piece of text that is a constant of the program or was read from somewhere.
pub type Text = Cow<'static, str>;

/// Options of one listener, or defaults for several; what is not set is decided by the next scope.
///
/// The attribute `#[kafka_listener("orders", auto_commit = false)]` is the same as
/// `ListenerOptions::new().topic("orders").auto_commit(false)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListenerOptions {
    pub(crate) topics: Vec<Text>,
    pub(crate) pattern: Option<Text>,
    pub(crate) group_id: Option<Text>,
    pub(crate) id: Option<Text>,
    pub(crate) cluster: Option<Text>,
    pub(crate) enabled: Option<bool>,
    pub(crate) start: Option<Text>,
    pub(crate) auto_commit: Option<bool>,
    pub(crate) commit_interval: Option<DurationOption>,
    pub(crate) concurrency: Option<u32>,
    pub(crate) order_by: Option<Text>,
    pub(crate) timeout: Option<DurationOption>,
    pub(crate) retries: Option<RetriesOption>,
    pub(crate) backoff: Option<BackoffOption>,
    pub(crate) on_failure: Option<Text>,
    pub(crate) accept_loss: Option<bool>,
    pub(crate) on_lost_position: Option<Text>,
    pub(crate) window: Option<u32>,
}

/// A duration as text with a unit (`"250ms"`), or as a value.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationOption {
    /// Text that is read at start.
    Text(Text),
    /// A value.
    Value(Duration),
}

impl From<&'static str> for DurationOption {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<Duration> for DurationOption {
    fn from(value: Duration) -> Self {
        Self::Value(value)
    }
}

/// How often a failed message is tried again: a count, or `"forever"`.
#[derive(Clone, Debug, PartialEq)]
pub enum RetriesOption {
    /// At most this many times after the first attempt.
    Count(u32),
    /// A word that is read at start: `"forever"`.
    Text(Text),
}

impl From<u32> for RetriesOption {
    fn from(count: u32) -> Self {
        Self::Count(count)
    }
}

impl From<&'static str> for RetriesOption {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

/// The wait before a retry: `initial`, then each time `factor` longer up to `max`, shortened or
/// lengthened by up to the share `jitter`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackoffOption {
    pub(crate) initial: Option<DurationOption>,
    pub(crate) max: Option<DurationOption>,
    pub(crate) factor: Option<f64>,
    pub(crate) jitter: Option<f64>,
}

impl BackoffOption {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The wait before the first retry.
    #[must_use]
    pub fn initial(mut self, initial: impl Into<DurationOption>) -> Self {
        self.initial = Some(initial.into());
        self
    }

    /// The longest wait.
    #[must_use]
    pub fn max(mut self, max: impl Into<DurationOption>) -> Self {
        self.max = Some(max.into());
        self
    }

    /// How much longer each wait is than the one before; at least 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = Some(factor);
        self
    }

    /// The share by which a wait is varied, from 0 to 1.
    #[must_use]
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = Some(jitter);
        self
    }
}

impl From<&'static str> for BackoffOption {
    fn from(initial: &'static str) -> Self {
        Self::new().initial(initial)
    }
}

impl ListenerOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more topic to listen to.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<Text>) -> Self {
        self.topics.push(topic.into());
        self
    }

    /// Listens to every topic whose whole name matches this regular expression.
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<Text>) -> Self {
        self.pattern = Some(pattern.into());
        self
    }

    /// The consumer group.
    #[must_use]
    pub fn group_id(mut self, group_id: impl Into<Text>) -> Self {
        self.group_id = Some(group_id.into());
        self
    }

    /// The listener's id, instead of `Type.method`.
    #[must_use]
    pub fn id(mut self, id: impl Into<Text>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The cluster, one of `[kafka.clusters]`.
    #[must_use]
    pub fn cluster(mut self, cluster: impl Into<Text>) -> Self {
        self.cluster = Some(cluster.into());
        self
    }

    /// Whether it listens at all.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// Where a group without a position starts: `"latest"`, `"earliest"` or a timestamp.
    #[must_use]
    pub fn start(mut self, start: impl Into<Text>) -> Self {
        self.start = Some(start.into());
        self
    }

    /// `true` is the same as `start = "earliest"`, `false` as `start = "latest"`.
    #[must_use]
    pub fn from_beginning(self, from_beginning: bool) -> Self {
        self.start(if from_beginning { "earliest" } else { "latest" })
    }

    /// Whether a message that was handled is settled without being asked for.
    #[must_use]
    pub fn auto_commit(mut self, auto_commit: bool) -> Self {
        self.auto_commit = Some(auto_commit);
        self
    }

    /// How often positions are sent to the broker when nobody asks for it.
    #[must_use]
    pub fn commit_interval(mut self, interval: impl Into<DurationOption>) -> Self {
        self.commit_interval = Some(interval.into());
        self
    }

    /// How many handlers of the listener run at once in this process.
    #[must_use]
    pub fn concurrency(mut self, concurrency: u32) -> Self {
        self.concurrency = Some(concurrency);
        self
    }

    /// What must be handled in order: `"partition"`.
    #[must_use]
    pub fn order_by(mut self, order_by: impl Into<Text>) -> Self {
        self.order_by = Some(order_by.into());
        self
    }

    /// After how long a handler is stopped; the message counts as failed.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<DurationOption>) -> Self {
        self.timeout = Some(timeout.into());
        self
    }

    /// How often a failed message is tried again before `on_failure` follows.
    #[must_use]
    pub fn retries(mut self, retries: impl Into<RetriesOption>) -> Self {
        self.retries = Some(retries.into());
        self
    }

    /// The wait before a retry.
    #[must_use]
    pub fn backoff(mut self, backoff: impl Into<BackoffOption>) -> Self {
        self.backoff = Some(backoff.into());
        self
    }

    /// What follows the last retry: `"pause"`, `"stop"` or `"skip"`.
    #[must_use]
    pub fn on_failure(mut self, on_failure: impl Into<Text>) -> Self {
        self.on_failure = Some(on_failure.into());
        self
    }

    /// Says that messages may be lost: needed for `on_failure = "skip"`.
    #[must_use]
    pub fn accept_loss(mut self, accept_loss: bool) -> Self {
        self.accept_loss = Some(accept_loss);
        self
    }

    /// Where to go when the position no longer exists: `"nearest"`, `"latest"` or `"pause"`.
    #[must_use]
    pub fn on_lost_position(mut self, on_lost_position: impl Into<Text>) -> Self {
        self.on_lost_position = Some(on_lost_position.into());
        self
    }

    /// How many messages other listeners of the same topic may be ahead of this one.
    #[must_use]
    pub fn window(mut self, window: u32) -> Self {
        self.window = Some(window);
        self
    }
}
