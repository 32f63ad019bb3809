//! A message to be sent.

use super::payload::IntoPayload;
use crate::error::BoxError;
use bytes::Bytes;
use millstream_native::{Client, NativeError, Record};
use std::fmt;
use std::sync::Arc;

/// A message for [`Producer::send`](crate::Producer::send).
///
/// ```
/// use millstream::{Json, OutgoingMessage};
///
/// let message = OutgoingMessage::new("invoices")
///     .key("customer-7")
///     .payload(Json([1, 2, 3]))
///     .header("source", "billing");
/// assert_eq!(message.topic(), "invoices");
/// ```
#[must_use]
pub struct OutgoingMessage {
    pub(super) topic: Arc<str>,
    pub(super) partition: Option<i32>,
    pub(super) key: Option<Bytes>,
    pub(super) payload: Option<Bytes>,
    pub(super) headers: Vec<(String, Option<Bytes>)>,
    pub(super) timestamp: Option<i64>,
    /// The first thing that could not be written as bytes, and why.
    pub(super) malformed: Option<(&'static str, BoxError)>,
}

impl OutgoingMessage {
    /// A message to this topic, with null key and null payload, for the partition that the key chooses.
    pub fn new(topic: impl Into<Arc<str>>) -> Self {
        Self {
            topic: topic.into(),
            partition: None,
            key: None,
            payload: None,
            headers: Vec::new(),
            timestamp: None,
            malformed: None,
        }
    }

    /// The key: messages with equal keys go to the same partition, the one that Java's and kafkajs' producers choose
    /// too. Without a key the partition is chosen at random.
    pub fn key(mut self, key: impl IntoPayload) -> Self {
        self.key = self.bytes("key", key);
        self
    }

    /// The payload.
    pub fn payload(mut self, payload: impl IntoPayload) -> Self {
        self.payload = self.bytes("payload", payload);
        self
    }

    /// No payload: in a compacted topic it deletes what the key had.
    pub fn tombstone(mut self) -> Self {
        self.payload = None;
        self
    }

    /// One more header; a name may repeat.
    pub fn header(mut self, name: impl Into<String>, value: impl IntoPayload) -> Self {
        let value = self.bytes("value of a header", value);
        self.headers.push((name.into(), value));
        self
    }

    /// More headers, in their order; `None` is a null value.
    pub fn headers(mut self, headers: impl IntoIterator<Item = (String, Option<Bytes>)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Exactly this partition, whatever the key.
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// When it happened, in milliseconds since 1970; now, unless it is said. A topic with
    /// `message.timestamp.type=LogAppendTime` replaces it.
    pub fn timestamp(mut self, milliseconds: i64) -> Self {
        self.timestamp = Some(milliseconds);
        self
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The partition, where one was named.
    pub fn named_partition(&self) -> Option<i32> {
        self.partition
    }

    /// The key's bytes.
    pub fn key_bytes(&self) -> Option<&Bytes> {
        self.key.as_ref()
    }

    /// The payload's bytes.
    pub fn payload_bytes(&self) -> Option<&Bytes> {
        self.payload.as_ref()
    }

    /// The headers so far.
    pub fn header_list(&self) -> &[(String, Option<Bytes>)] {
        &self.headers
    }

    fn bytes(&mut self, what: &'static str, value: impl IntoPayload) -> Option<Bytes> {
        match value.into_payload() {
            Ok(bytes) => bytes,
            Err(error) => {
                self.malformed.get_or_insert((what, error));
                None
            }
        }
    }

    /// Hands it to a client, which copies it.
    pub(super) fn give(&self, client: &Client, ticket: u64) -> Result<(), NativeError> {
        let headers: Vec<(&str, Option<&[u8]>)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
        let record = Record {
            topic: &self.topic,
            partition: self.partition,
            key: self.key.as_deref(),
            payload: self.payload.as_deref(),
            headers: &headers,
            timestamp: self.timestamp,
        };
        client.produce(&record, ticket)
    }

    /// The bytes that count for the limit of a message's size.
    pub(super) fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Bytes::len));
        self.key.as_ref().map_or(0, Bytes::len) + self.payload.as_ref().map_or(0, Bytes::len) + headers.sum::<usize>()
    }
}

impl fmt::Debug for OutgoingMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Payload, key and header values may be secret: lengths and names only.
        formatter
            .debug_struct("OutgoingMessage")
            .field("topic", &self.topic)
            .field("partition", &self.partition)
            .field("key_length", &self.key.as_ref().map(Bytes::len))
            .field("payload_length", &self.payload.as_ref().map(Bytes::len))
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// Where a message was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
    /// Milliseconds since 1970, as the broker keeps them.
    pub timestamp: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_shows_neither_payload_nor_key_nor_header_values() {
        let message = OutgoingMessage::new("orders").key("swordfish").payload("swordfish").header("token", "swordfish");
        let shown = format!("{message:?}");
        assert!(!shown.contains("swordfish") && shown.contains("token"), "{shown}");
    }

    #[test]
    fn a_tombstone_takes_the_payload_back() {
        assert_eq!(OutgoingMessage::new("orders").payload("x").tombstone().payload_bytes(), None);
    }
}
