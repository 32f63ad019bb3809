//! What a listener can be told: in its attribute, on its consumer, in the configuration.

mod backoff;
mod batch;
mod dead_letter;
mod error_test;
mod idempotent;
mod layers;
mod values;

pub use backoff::BackoffOption;
pub use batch::BatchOption;
pub use dead_letter::DeadLetterOption;
pub use error_test::ErrorTest;
pub use idempotent::IdempotentOption;
pub(crate) use idempotent::KeyOption;
pub use values::{DurationOption, RetriesOption, SizeOption};

use crate::layer::LayerType;
use std::borrow::Cow;

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
    pub(crate) window_bytes: Option<SizeOption>,
    pub(crate) rate: Option<Text>,
    pub(crate) deadline: Option<DurationOption>,
    pub(crate) retry_on: Option<ErrorTest>,
    pub(crate) terminal: Option<ErrorTest>,
    pub(crate) retry_topics: Option<Vec<DurationOption>>,
    pub(crate) reorder: Option<bool>,
    pub(crate) dead_letter: Option<DeadLetterOption>,
    pub(crate) max_crashes: Option<u32>,
    pub(crate) blocking: Option<bool>,
    pub(crate) batch: Option<BatchOption>,
    pub(crate) idempotent: Option<IdempotentOption>,
    pub(crate) layers: Option<Vec<LayerType>>,
    pub(crate) reply: Option<bool>,
    pub(crate) send_to: Option<Text>,
    pub(crate) wire: Option<Text>,
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

    /// What must be handled one after the other: `"partition"`, `"key"` or `"none"`.
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

    /// What follows the last retry: `"pause"`, `"stop"`, `"skip"` or `"dead_letter"`.
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

    /// How many messages of a partition it may have under way, and other listeners of its group be ahead of it.
    #[must_use]
    pub fn window(mut self, window: u32) -> Self {
        self.window = Some(window);
        self
    }

    /// How many bytes of messages that were taken and are not settled a partition may hold.
    #[must_use]
    pub fn window_bytes(mut self, bytes: impl Into<SizeOption>) -> Self {
        self.window_bytes = Some(bytes.into());
        self
    }

    /// How many messages it begins in a time, at most, in this process: `"500/s"`, `"10/m"`, `"20/250ms"`.
    #[must_use]
    pub fn rate(mut self, rate: impl Into<Text>) -> Self {
        self.rate = Some(rate.into());
        self
    }

    /// After how long since the first failure no attempt begins any more, whatever `retries` says.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<DurationOption>) -> Self {
        self.deadline = Some(deadline.into());
        self
    }

    /// Only errors that pass this test are tried again; others go to `on_failure` at once.
    #[must_use]
    pub fn retry_on(mut self, test: ErrorTest) -> Self {
        self.retry_on = Some(test);
        self
    }

    /// Errors that pass this test are not tried again: they go to `on_failure` at once. It goes before `retry_on`.
    #[must_use]
    pub fn terminal(mut self, test: ErrorTest) -> Self {
        self.terminal = Some(test);
        self
    }

    /// Topics in which a failed message waits for its next attempts, after `retries` and before `on_failure`: one
    /// for each delay.
    ///
    /// Messages behind it go on meanwhile: where order matters, that has to be allowed with [`reorder`](Self::reorder).
    #[must_use]
    pub fn retry_topics<D: Into<DurationOption>>(mut self, delays: impl IntoIterator<Item = D>) -> Self {
        self.retry_topics = Some(delays.into_iter().map(Into::into).collect());
        self
    }

    /// Says that `retry_topics` may change the order of messages: needed for them where `order_by` keeps one.
    #[must_use]
    pub fn reorder(mut self, reorder: bool) -> Self {
        self.reorder = Some(reorder);
        self
    }

    /// Where messages go with `on_failure = "dead_letter"`.
    #[must_use]
    pub fn dead_letter(mut self, dead_letter: impl Into<DeadLetterOption>) -> Self {
        self.dead_letter = Some(dead_letter.into());
        self
    }

    /// After how many deaths of the process a message that was in hand goes to `on_failure`; 0 counts none.
    #[must_use]
    pub fn max_crashes(mut self, max_crashes: u32) -> Self {
        self.max_crashes = Some(max_crashes);
        self
    }

    /// Whether its method is a plain function that may block; it runs on threads for that.
    ///
    /// It has to fit what the listener is bound with: `bind_blocking`, which the macros choose by the method.
    #[must_use]
    pub fn blocking(mut self, blocking: bool) -> Self {
        self.blocking = Some(blocking);
        self
    }

    /// Hands the method several messages at once. It has to fit what the listener is bound with.
    #[must_use]
    pub fn batch(mut self, batch: impl Into<BatchOption>) -> Self {
        self.batch = Some(batch.into());
        self
    }

    /// Answers requests with what the method returns. It has to fit what the listener is bound with: the macros say it
    /// for `reply`, for `send_to`, and for methods that return a `Reply`.
    #[must_use]
    pub fn reply(mut self, reply: bool) -> Self {
        self.reply = Some(reply);
        self
    }

    /// Sends what the method returns to this topic, whatever the message's headers say.
    #[must_use]
    pub fn send_to(mut self, topic: impl Into<Text>) -> Self {
        self.send_to = Some(topic.into());
        self
    }

    /// Whose conventions answers follow: `"nest"`, `"spring"`, or `"auto"`, by the headers of each request.
    #[must_use]
    pub fn wire(mut self, wire: impl Into<Text>) -> Self {
        self.wire = Some(wire.into());
        self
    }

    /// Settles messages that were handled before, told by a key, without handling them again.
    #[must_use]
    pub fn idempotent(mut self, idempotent: IdempotentOption) -> Self {
        self.idempotent = Some(idempotent);
        self
    }
}
