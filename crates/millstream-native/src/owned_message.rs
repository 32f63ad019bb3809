//! A message without a client behind it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::message::Timestamp;

/// A copied message: what is kept beyond its batch, and what tests are made of.
///
/// ```
/// use bytes::Bytes;
/// use millstream_native::OwnedMessage;
///
/// let message = OwnedMessage {
///     payload: Some(Bytes::from_static(b"{}")),
///     headers: vec![("trace-id".to_owned(), Some(Bytes::from_static(b"t")))],
///     ..OwnedMessage::new("orders", 0, 42)
/// };
/// assert_eq!(message.offset, 42);
/// assert_eq!(message.key, None);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedMessage {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition's number.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
    /// The payload; `None` is a tombstone.
    pub payload: Option<Bytes>,
    /// The key.
    pub key: Option<Bytes>,
    /// The headers in their order; a name may repeat, a value may be null.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// When it was written.
    pub timestamp: Option<Timestamp>,
    /// The epoch of the leader that wrote it.
    pub leader_epoch: Option<i32>,
}

impl OwnedMessage {
    /// A message with neither payload, key, headers, timestamp nor leader epoch.
    pub fn new(topic: impl Into<Arc<str>>, partition: i32, offset: i64) -> OwnedMessage {
        OwnedMessage {
            topic: topic.into(),
            partition,
            offset,
            payload: None,
            key: None,
            headers: Vec::new(),
            timestamp: None,
            leader_epoch: None,
        }
    }
}

impl fmt::Debug for OwnedMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Payload, key and header values may be secret: lengths and names only.
        formatter
            .debug_struct("OwnedMessage")
            .field("topic", &self.topic)
            .field("partition", &self.partition)
            .field("offset", &self.offset)
            .field("payload_length", &self.payload.as_ref().map(Bytes::len))
            .field("key_length", &self.key.as_ref().map(Bytes::len))
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("timestamp", &self.timestamp)
            .field("leader_epoch", &self.leader_epoch)
            .finish()
    }
}
