//! Why something was not done to a topic.

use millstream_native::{Code, NativeError};
use std::fmt;

/// Why something was not done to one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicError {
    topic: String,
    kind: TopicErrorKind,
    message: String,
    retriable: bool,
}

/// The kinds of [`TopicError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TopicErrorKind {
    /// There is a topic of this name already.
    AlreadyExists,
    /// There is no such topic.
    Unknown,
    /// Its name, a number or its configuration is refused.
    Invalid,
    /// The cluster refuses us: credentials, access rights, or a policy.
    Refused,
    /// An embedded broker cannot do it.
    Unsupported,
    /// No broker answered in time; it may have been done nevertheless.
    TimedOut,
    /// Anything else that a broker or the client says.
    Other,
}

impl TopicError {
    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Which kind it is.
    pub fn kind(&self) -> TopicErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later without anybody changing something.
    pub fn is_retriable(&self) -> bool {
        self.retriable
    }

    pub(super) fn new(topic: &str, kind: TopicErrorKind, message: impl Into<String>) -> Self {
        Self { topic: topic.to_owned(), kind, message: message.into(), retriable: kind == TopicErrorKind::TimedOut }
    }

    pub(super) fn native(topic: &str, error: &NativeError) -> Self {
        let kind = match error.code {
            Code::TOPIC_ALREADY_EXISTS => TopicErrorKind::AlreadyExists,
            Code::UNKNOWN_TOPIC | Code::UNKNOWN_TOPIC_OR_PART => TopicErrorKind::Unknown,
            Code::INVALID_ARGUMENT
            | Code::TOPIC_EXCEPTION
            | Code::INVALID_PARTITIONS
            | Code::INVALID_REPLICATION_FACTOR
            | Code::INVALID_CONFIG => TopicErrorKind::Invalid,
            Code::TOPIC_AUTHORIZATION_FAILED
            | Code::CLUSTER_AUTHORIZATION_FAILED
            | Code::AUTHENTICATION
            | Code::SASL_AUTHENTICATION_FAILED
            | Code::POLICY_VIOLATION => TopicErrorKind::Refused,
            Code::TIMED_OUT | Code::TRANSPORT | Code::ALL_BROKERS_DOWN | Code::REQUEST_TIMED_OUT => {
                TopicErrorKind::TimedOut
            }
            _ => TopicErrorKind::Other,
        };
        // "No such topic" may pass in the eyes of a producer; here nothing changes by itself.
        let retriable = error.retriable && kind != TopicErrorKind::Unknown;
        Self { retriable, ..Self::new(topic, kind, error.to_string()) }
    }
}

impl fmt::Display for TopicError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "topic {}: {}", self.topic, self.message)
    }
}

impl std::error::Error for TopicError {}

/// What of a request was not done: an error for each topic that it concerns. The others are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminError {
    topics: Vec<TopicError>,
}

impl AdminError {
    /// The topics that it was not done to, and why.
    pub fn topics(&self) -> &[TopicError] {
        &self.topics
    }

    pub(super) fn unless_none(topics: Vec<TopicError>) -> Result<(), Self> {
        if topics.is_empty() { Ok(()) } else { Err(Self { topics }) }
    }
}

impl fmt::Display for AdminError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, topic) in self.topics.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            topic.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for AdminError {}
