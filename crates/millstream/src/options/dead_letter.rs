//! Where dead letters go.

use super::Text;
use std::borrow::Cow;

/// Where a message goes that failed for good, with `on_failure = "dead_letter"`.
///
/// ```
/// use millstream::{DeadLetterOption, ListenerOptions};
///
/// let options = ListenerOptions::new()
///     .topic("orders")
///     .on_failure("dead_letter")
///     .dead_letter(DeadLetterOption::new().topic("{topic}.dead").spring_headers(true));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterOption {
    pub(crate) topic: Option<Text>,
    pub(crate) spring_headers: Option<bool>,
}

impl DeadLetterOption {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The topic; `{topic}`, `{group_id}` and `{listener}` in it are replaced. Not set, it is
    /// `{topic}.{group_id}.dead`.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<Text>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// Whether the headers that Spring's `DeadLetterPublishingRecoverer` writes, `kafka_dlt-..`, are written beside
    /// our own.
    #[must_use]
    pub fn spring_headers(mut self, spring_headers: bool) -> Self {
        self.spring_headers = Some(spring_headers);
        self
    }
}

/// The topic.
impl From<&'static str> for DeadLetterOption {
    fn from(topic: &'static str) -> Self {
        Self::new().topic(Cow::Borrowed(topic))
    }
}
