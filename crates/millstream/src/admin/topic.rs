//! Topics as they are wanted, and as they are.

use std::collections::BTreeMap;

/// A topic for [`Admin::create`](crate::Admin::create).
///
/// ```
/// use millstream::NewTopic;
///
/// let orders = NewTopic::new("orders").partitions(12).replication(3).config("retention.ms", "604800000");
/// # let _ = orders;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct NewTopic {
    pub(super) name: String,
    pub(super) partitions: Option<i32>,
    pub(super) replication: Option<i16>,
    pub(super) config: BTreeMap<String, String>,
}

impl NewTopic {
    /// A topic with the broker's own numbers of partitions and replicas, and its configuration.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), partitions: None, replication: None, config: BTreeMap::new() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many partitions it has.
    pub fn partitions(mut self, count: i32) -> Self {
        self.partitions = Some(count);
        self
    }

    /// How many brokers keep it.
    pub fn replication(mut self, brokers: i16) -> Self {
        self.replication = Some(brokers);
        self
    }

    /// One value of its configuration, such as `retention.ms`.
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.insert(name.into(), value.into());
        self
    }
}

/// A topic as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicDescription {
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: i32,
    /// How many brokers keep each of them; the fewest, where that differs.
    pub replication: i16,
    /// Its configuration, the broker's defaults too. Empty on an embedded broker, which has none.
    pub config: BTreeMap<String, String>,
}
