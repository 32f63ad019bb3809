//! Why a message was not settled.

use super::Published;
use std::fmt;
use std::time::Duration;

/// Why a message that a test published was not settled by every listener of its topic.
///
/// `Debug` is the readable text, for `unwrap`.
#[derive(Clone, PartialEq, Eq)]
pub struct PublishError {
    kind: PublishErrorKind,
    message: String,
}

/// The kinds of [`PublishError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishErrorKind {
    /// The broker did not take the message.
    Refused,
    /// No listener of the application reads the topic.
    NobodyListens,
    /// A listener holds the partition at this message or an earlier one.
    Held,
    /// The application ended before it was settled.
    Ended,
    /// It was not settled in time.
    TimedOut,
}

impl PublishError {
    fn new(kind: PublishErrorKind, message: String) -> Self {
        Self { kind, message }
    }

    /// Which kind it is.
    pub fn kind(&self) -> PublishErrorKind {
        self.kind
    }

    pub(super) fn refused(topic: &str, why: &dyn fmt::Display) -> Self {
        Self::new(PublishErrorKind::Refused, format!("the test's broker refused topic `{topic}`: {why}"))
    }

    pub(super) fn nobody_listens(published: &Published, topics: &[String]) -> Self {
        let topics = if topics.is_empty() {
            "no topic at all; name the consumers with `TestApp::builder().consumers::<(..,)>()`".to_owned()
        } else {
            topics.iter().map(|topic| format!("`{topic}`")).collect::<Vec<_>>().join(", ")
        };
        Self::new(
            PublishErrorKind::NobodyListens,
            format!(
                "{published} was stored, but no listener reads topic `{}`; the listeners of this application read {topics}",
                published.topic
            ),
        )
    }

    pub(super) fn held(published: &Published, listener: &str, offset: i64, reason: &str) -> Self {
        let place = if offset == published.offset {
            "at this message".to_owned()
        } else {
            format!("at the earlier offset {offset}")
        };
        Self::new(
            PublishErrorKind::Held,
            format!("{published} was not settled: listener `{listener}` is paused {place}: {reason}"),
        )
    }

    pub(super) fn ended(published: &Published, how: &dyn fmt::Display) -> Self {
        Self::new(PublishErrorKind::Ended, format!("{published} was not settled: the application ended: {how}"))
    }

    pub(super) fn timed_out(published: &Published, after: Duration, open: &[String]) -> Self {
        Self::new(
            PublishErrorKind::TimedOut,
            format!(
                "{published} was not settled within {after:?}: {}; a listener with `auto_commit = false` settles a message only by `ctx.commit()`",
                open.join("; ")
            ),
        )
    }
}

impl fmt::Display for Published {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}@{}", self.topic, self.partition, self.offset)
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl fmt::Debug for PublishError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for PublishError {}
