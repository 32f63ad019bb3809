//! How a listener takes several messages at once.

use super::{DurationOption, SizeOption};

/// How a listener takes several messages at once: handed over when `max` or `bytes` is reached, or `wait` is over.
///
/// ```
/// use millstream::{BatchOption, ListenerOptions};
///
/// let options = ListenerOptions::new().topic("orders").batch(BatchOption::new().max(500).wait("200ms"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchOption {
    pub(crate) max: Option<u32>,
    pub(crate) min: Option<u32>,
    pub(crate) wait: Option<DurationOption>,
    pub(crate) bytes: Option<SizeOption>,
    pub(crate) across_partitions: Option<bool>,
}

impl BatchOption {
    /// Nothing set: up to 500 messages or `"4MiB"`, waiting `"200ms"` for more after the first, by partition.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many messages, from 1 to 100000.
    #[must_use]
    pub fn max(mut self, max: u32) -> Self {
        self.max = Some(max);
        self
    }

    /// Not fewer than this, unless `wait` is over.
    #[must_use]
    pub fn min(mut self, min: u32) -> Self {
        self.min = Some(min);
        self
    }

    /// How long to wait for more after the first message; nothing (`"0ms"`) takes what is there.
    #[must_use]
    pub fn wait(mut self, wait: impl Into<DurationOption>) -> Self {
        self.wait = Some(wait.into());
        self
    }

    /// At most so many bytes of payload; one message may be larger.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<SizeOption>) -> Self {
        self.bytes = Some(bytes.into());
        self
    }

    /// Whether messages of all partitions that the listener has in this process come together.
    ///
    /// Each partition keeps its order; a failure settles what stands before it in the batch, and what stands behind it
    /// was not handled, whatever its partition: it comes again. Only with `order_by = "partition"`.
    #[must_use]
    pub fn across_partitions(mut self, across_partitions: bool) -> Self {
        self.across_partitions = Some(across_partitions);
        self
    }
}

/// The largest number of messages.
impl From<u32> for BatchOption {
    fn from(max: u32) -> Self {
        Self::new().max(max)
    }
}
