//! Why a message was not sent.

use crate::error::BoxError;
use millstream_native::{Code, CreateError, NativeError, Persisted};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a message was not sent, or not known to be.
///
/// ```
/// # async fn example(producer: &millstream::Producer) -> millstream::Result<()> {
/// use millstream::{OutgoingMessage, TerminalExt};
///
/// match producer.send(OutgoingMessage::new("invoices").payload("...")).await {
///     Ok(delivery) => println!("stands at {}/{}", delivery.partition, delivery.offset),
///     // The listener's retries can help; a reader may see the message twice.
///     Err(error) if error.is_retriable() => return Err(error.into()),
///     Err(error) => Err(error).terminal()?,
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    message: String,
    retriable: bool,
    persisted: Persisted,
    source: Option<BoxError>,
}

/// The kinds of [`SendError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// Key, payload or a header could not be written as bytes.
    Serialization,
    /// The message is malformed: a header's or topic's name, or what the topic does not take.
    Invalid,
    /// The message is larger than the producer or the topic allows.
    TooLarge,
    /// The topic does not exist, and the cluster does not create it.
    UnknownTopic,
    /// The topic has no such partition.
    UnknownPartition,
    /// The brokers did not take the message in time (`delivery.timeout.ms`), or could not be reached.
    TimedOut,
    /// The cluster refuses us: credentials or access rights.
    Refused,
    /// The client cannot be made from its properties.
    Configuration,
    /// The client failed for good while the message was under way; it is made anew.
    Fatal,
    /// The application has ended.
    Closed,
    /// Anything else that a broker or the client says.
    Other,
}

impl SendError {
    fn new(kind: SendErrorKind, message: String) -> Self {
        Self { kind, message, retriable: false, persisted: Persisted::No, source: None }
    }

    /// Which kind it is.
    pub fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// Whether sending the same message again may succeed without anybody changing something.
    pub fn is_retriable(&self) -> bool {
        self.retriable
    }

    /// Whether the broker may have the message nevertheless, so that sending it again may write it twice.
    pub fn may_be_written(&self) -> bool {
        self.persisted != Persisted::No
    }

    pub(super) fn serialization(topic: &str, what: &str, error: BoxError) -> Self {
        let message = format!("the {what} of a message to topic {topic} cannot be written as bytes");
        Self { source: Some(error), ..Self::new(SendErrorKind::Serialization, message) }
    }

    pub(super) fn closed(topic: &str, persisted: Persisted) -> Self {
        let message = format!(
            "a message to topic {topic} was not acknowledged before the producer was closed; send before the application has ended"
        );
        Self { persisted, ..Self::new(SendErrorKind::Closed, message) }
    }

    pub(super) fn fatal(topic: &str, reason: &str) -> Self {
        let message = format!(
            "the producer failed for good while a message to topic {topic} was under way: {reason}; it is made anew, send again"
        );
        Self { persisted: Persisted::Possibly, retriable: true, ..Self::new(SendErrorKind::Fatal, message) }
    }

    pub(crate) fn unknown_cluster(error: &UnknownCluster) -> Self {
        Self::new(SendErrorKind::Configuration, error.to_string())
    }

    pub(crate) fn configuration(cluster: &str, error: &CreateError) -> Self {
        let message = format!(
            "the producer of cluster {cluster} cannot be made: {error}; see `[kafka.properties]` and `[kafka.producer.properties]`"
        );
        Self::new(SendErrorKind::Configuration, message)
    }

    /// What the client or a broker says about a message of so many bytes.
    pub(crate) fn native(topic: &str, size: usize, error: &NativeError, persisted: Persisted) -> Self {
        let (kind, rule) = match error.code {
            Code::MSG_SIZE_TOO_LARGE | Code::RECORD_LIST_TOO_LARGE | Code::QUEUE_FULL => (
                SendErrorKind::TooLarge,
                format!(
                    "is too large: it has {size} bytes; send less, or raise `message.max.bytes` in `[kafka.producer.properties]` and `max.message.bytes` of the topic"
                ),
            ),
            Code::UNKNOWN_TOPIC | Code::UNKNOWN_TOPIC_OR_PART => (
                SendErrorKind::UnknownTopic,
                format!("cannot be written: there is no such topic; create it, or declare it in `[kafka.topics.{topic}]`"),
            ),
            Code::UNKNOWN_PARTITION => (
                SendErrorKind::UnknownPartition,
                "cannot be written: the topic has no such partition; name one that exists, or none to let the key choose".into(),
            ),
            Code::MSG_TIMED_OUT | Code::TIMED_OUT | Code::TRANSPORT | Code::ALL_BROKERS_DOWN | Code::REQUEST_TIMED_OUT => (
                SendErrorKind::TimedOut,
                format!("was not acknowledged in time ({error}); see whether the brokers can be reached, `delivery.timeout.ms` is the limit"),
            ),
            Code::TOPIC_AUTHORIZATION_FAILED
            | Code::CLUSTER_AUTHORIZATION_FAILED
            | Code::SASL_AUTHENTICATION_FAILED
            | Code::AUTHENTICATION => (
                SendErrorKind::Refused,
                format!("is refused: {error}; check the credentials and the right to write to the topic"),
            ),
            Code::INVALID_ARGUMENT | Code::TOPIC_EXCEPTION | Code::INVALID_RECORD => {
                (SendErrorKind::Invalid, format!("is not one that the topic takes: {error}"))
            }
            Code::PURGE_QUEUE | Code::PURGE_INFLIGHT | Code::DESTROY => return Self::closed(topic, persisted),
            Code::FATAL => return Self { persisted, ..Self::fatal(topic, &error.reason) },
            _ => (SendErrorKind::Other, format!("was not written: {error}")),
        };
        // After an error of its producer id the client goes on with another one.
        let retriable = match kind {
            SendErrorKind::TooLarge | SendErrorKind::UnknownTopic | SendErrorKind::UnknownPartition => false,
            _ => {
                error.retriable
                    || matches!(error.code, Code::INVALID_PRODUCER_EPOCH | Code::OUT_OF_ORDER_SEQUENCE_NUMBER)
            }
        };
        Self { retriable, persisted, ..Self::new(kind, format!("a message to topic {topic} {rule}")) }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if self.persisted == Persisted::Possibly {
            formatter.write_str(" (it may have been written nevertheless)")?;
        }
        Ok(())
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

/// Messages that were not acknowledged in time, by topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushError {
    pub(crate) within: Duration,
    pub(crate) topics: BTreeMap<Arc<str>, usize>,
}

impl FlushError {
    /// How many messages of each topic were not acknowledged.
    pub fn unsent(&self) -> impl Iterator<Item = (&str, usize)> {
        self.topics.iter().map(|(topic, count)| (&**topic, *count))
    }
}

impl fmt::Display for FlushError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not acknowledged within {:?}: {}", self.within, by_topic(&self.topics))
    }
}

impl std::error::Error for FlushError {}

/// `3 messages to topic a, 1 message to topic b`.
pub(crate) fn by_topic(topics: &BTreeMap<Arc<str>, usize>) -> String {
    let parts: Vec<String> = topics
        .iter()
        .map(|(topic, count)| format!("{count} message{} to topic {topic}", if *count == 1 { "" } else { "s" }))
        .collect();
    parts.join(", ")
}

/// A cluster that the configuration does not describe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCluster {
    pub(crate) name: String,
    pub(crate) known: Vec<String>,
}

impl fmt::Display for UnknownCluster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, known } = self;
        write!(formatter, "there is no cluster `{}`; ", name.escape_debug())?;
        match known.as_slice() {
            [] => formatter.write_str("none is described, see `[kafka] brokers`"),
            known => write!(formatter, "the clusters are {}", known.join(", ")),
        }
    }
}

impl std::error::Error for UnknownCluster {}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: Code) -> SendError {
        SendError::native("orders", 7, &NativeError::new(code, "words"), Persisted::Possibly)
    }

    #[test]
    fn every_kind_says_whether_a_retry_can_help() {
        for (code, kind, retriable) in [
            (Code::MSG_SIZE_TOO_LARGE, SendErrorKind::TooLarge, false),
            (Code::UNKNOWN_TOPIC_OR_PART, SendErrorKind::UnknownTopic, false),
            (Code::UNKNOWN_PARTITION, SendErrorKind::UnknownPartition, false),
            (Code::MSG_TIMED_OUT, SendErrorKind::TimedOut, true),
            (Code::TOPIC_AUTHORIZATION_FAILED, SendErrorKind::Refused, false),
            (Code::INVALID_RECORD, SendErrorKind::Invalid, false),
            (Code::PURGE_INFLIGHT, SendErrorKind::Closed, false),
            (Code::FATAL, SendErrorKind::Fatal, true),
            (Code::NOT_ENOUGH_REPLICAS, SendErrorKind::Other, true),
            (Code::INVALID_PRODUCER_EPOCH, SendErrorKind::Other, true),
            (Code::OUT_OF_ORDER_SEQUENCE_NUMBER, SendErrorKind::Other, true),
            (Code::UNSUPPORTED_VERSION, SendErrorKind::Other, false),
        ] {
            let error = of(code);
            assert_eq!((error.kind(), error.is_retriable()), (kind, retriable), "{code:?}");
            assert!(error.may_be_written());
            assert!(error.to_string().contains("topic orders"), "{error}");
        }
    }

    #[test]
    fn what_was_not_sent_is_counted_by_topic() {
        let topics = BTreeMap::from([("a".into(), 3), ("b".into(), 1)]);
        assert_eq!(by_topic(&topics), "3 messages to topic a, 1 message to topic b");
    }
}
