//! A message as the broker keeps it.

use millstream::{OwnedMessage, Timestamp};
use serde::de::DeserializeOwned;
use std::fmt;

/// A message that stands in a topic of the test's broker: what [`TestApp::read`](crate::TestApp::read) finds.
///
/// `Debug` shows where it stands, and neither key, payload nor the values of headers.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredMessage {
    message: OwnedMessage,
}

impl StoredMessage {
    pub(super) fn new(message: OwnedMessage) -> Self {
        Self { message }
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.message.topic
    }

    /// The partition.
    pub fn partition(&self) -> i32 {
        self.message.partition
    }

    /// The offset.
    pub fn offset(&self) -> i64 {
        self.message.offset
    }

    /// The key; `None` if it has none.
    pub fn key(&self) -> Option<&[u8]> {
        self.message.key.as_deref()
    }

    /// The payload; `None` for a tombstone.
    pub fn payload(&self) -> Option<&[u8]> {
        self.message.payload.as_deref()
    }

    /// The payload as text; `None` for a tombstone, and for bytes that are not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.payload()?).ok()
    }

    /// The payload from JSON. A tombstone is none.
    ///
    /// # Errors
    ///
    /// The payload is not JSON, or not of such a value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(self.payload().unwrap_or_default())
    }

    /// The value of the last header of this name; an empty slice for a header without a value.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let header = self.message.headers.iter().rev().find(|(each, _)| each == name);
        header.map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// The same as text; `None` also where it is not UTF-8.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.header(name)?).ok()
    }

    /// When it was written, or when its producer says so.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.message.timestamp
    }

    /// Everything at once.
    pub fn into_message(self) -> OwnedMessage {
        self.message
    }
}

impl fmt::Debug for StoredMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.message, formatter)
    }
}
