//! Why a topic could not be read.

use std::fmt;
use std::time::Duration;

/// Why a test could not read from a topic.
///
/// `Debug` is the readable text, for `unwrap`.
#[derive(Clone, PartialEq, Eq)]
pub struct ReadError {
    kind: ReadErrorKind,
    message: String,
}

/// The kinds of [`ReadError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The broker did not answer, or refused.
    Broker,
    /// The topic did not have as many messages in time.
    TooFew,
}

impl ReadError {
    /// Which kind it is.
    pub fn kind(&self) -> ReadErrorKind {
        self.kind
    }

    pub(super) fn broker(topic: &str, why: &dyn fmt::Display) -> Self {
        let message = format!("cannot read topic `{topic}` of the test's broker: {why}");
        Self { kind: ReadErrorKind::Broker, message }
    }

    pub(super) fn too_few(topic: &str, wanted: usize, found: Option<u64>, after: Duration) -> Self {
        let found = match found {
            None => "and does not exist".to_owned(),
            Some(found) => format!("but {found}"),
        };
        let messages = if wanted == 1 { "message" } else { "messages" };
        let message = format!("topic `{topic}` did not have {wanted} {messages} within {after:?}, {found}");
        Self { kind: ReadErrorKind::TooFew, message }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl fmt::Debug for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}
