//! A message to be written.

use rdkafka_sys::bindings as sys;

use super::delivery::Ticket;
use crate::error::NativeError;
use crate::record::Record;

/// A message for [`EmbeddedCluster::produce`](super::EmbeddedCluster::produce).
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbeddedRecord<'a> {
    /// The topic; one that does not exist is created with four partitions.
    pub topic: &'a str,
    /// The partition; `None` chooses by the key as Java's clients do (`murmur2_random`), at random without a key.
    pub partition: Option<i32>,
    /// The key; `None` is a null key.
    pub key: Option<&'a [u8]>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<&'a [u8]>,
    /// The headers in their order; a name may repeat, `None` is a null value.
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
    /// Milliseconds since 1970; `None` is now.
    pub timestamp: Option<i64>,
}

impl<'a> EmbeddedRecord<'a> {
    /// A record for this topic with nothing in it yet.
    pub fn to(topic: &'a str) -> EmbeddedRecord<'a> {
        EmbeddedRecord { topic, ..EmbeddedRecord::default() }
    }

    /// Puts the record into the producer's queue; its content is copied.
    ///
    /// # Safety
    ///
    /// `client` is a live producer whose delivery reports read the ticket.
    pub(super) unsafe fn enqueue(&self, client: *mut sys::rd_kafka_t, ticket: Ticket) -> Result<(), NativeError> {
        let Self { topic, partition, key, payload, headers, timestamp } = *self;
        let record = Record { topic, partition, key, payload, headers, timestamp };
        // SAFETY: as this function's contract says.
        unsafe { record.enqueue(client, ticket.as_opaque()) }
    }
}
