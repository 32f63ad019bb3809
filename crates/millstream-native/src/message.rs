//! One message where librdkafka left it.

use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use bytes::Bytes;
use rdkafka_sys::bindings as sys;

use crate::code::Code;
use crate::error::NativeError;
use crate::headers::Headers;
use crate::owned_message::OwnedMessage;
use crate::raw;

/// A message of librdkafka, read in place; lives in a [`Batch`](crate::Batch).
///
/// Reading never copies. The topic's name and the headers are only looked at when they are asked for.
/// Several threads may read one message at the same time.
#[repr(transparent)]
pub struct Message(NonNull<sys::rd_kafka_message_t>);

// SAFETY: a consumed message may be read and freed on any thread; its reference counts are atomic. The one lazy write
// inside it, parsing headers, happens under a lock (`Headers::of`).
unsafe impl Send for Message {}
// SAFETY: as above.
unsafe impl Sync for Message {}

/// When a message was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// By whose clock.
    pub kind: TimestampKind,
    /// Milliseconds since 1970.
    pub milliseconds: i64,
}

/// Whose clock set a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampKind {
    /// The producer's.
    CreateTime,
    /// The broker's, when it appended the message.
    LogAppendTime,
}

impl Message {
    fn as_ptr(&self) -> *const sys::rd_kafka_message_t {
        self.0.as_ptr().cast_const()
    }

    fn error_code(&self) -> Code {
        // SAFETY: a live message. Read as an int: a broker's code may be outside the bindings' enum.
        Code::from_number(unsafe { std::ptr::addr_of!((*self.as_ptr()).err).cast::<i32>().read() })
    }

    /// Whether this is an error that librdkafka reports in the partition's queue, in place of a message.
    pub fn is_error(&self) -> bool {
        self.error_code().is_error()
    }

    /// The error, when this is one. It concerns the partition at about [`offset`](Message::offset), which may be
    /// negative.
    pub fn error(&self) -> Option<NativeError> {
        let code = self.error_code().to_error()?;
        // SAFETY: a live message with an error; its text lives as long as it does.
        let reason = unsafe { raw::text(sys::rd_kafka_message_errstr(self.as_ptr())) }.into_owned();
        Some(NativeError { reason, ..NativeError::from_code(code) })
    }

    /// The topic's name.
    ///
    /// Counts its length each time: a partition's reader knows its topic already.
    pub fn topic(&self) -> &str {
        // SAFETY: a live message; its topic object, when it has one, and the name live as long as it does. Topic names
        // are ASCII.
        unsafe {
            let topic = (*self.as_ptr()).rkt;
            if topic.is_null() {
                return "";
            }
            std::ffi::CStr::from_ptr(sys::rd_kafka_topic_name(topic)).to_str().unwrap_or("")
        }
    }

    /// The partition's number.
    pub fn partition(&self) -> i32 {
        // SAFETY: a live message.
        unsafe { (*self.as_ptr()).partition }
    }

    /// The offset in the partition.
    pub fn offset(&self) -> i64 {
        // SAFETY: a live message.
        unsafe { (*self.as_ptr()).offset }
    }

    /// The payload; `None` for a tombstone and for an error, `Some` of nothing for an empty payload.
    pub fn payload(&self) -> Option<&[u8]> {
        if self.is_error() {
            return None;
        }
        // SAFETY: a live message without an error, whose payload is null or readable for its length.
        unsafe { bytes((*self.as_ptr()).payload.cast_const().cast(), (*self.as_ptr()).len) }
    }

    /// The key; `None` where there is none, `Some` of nothing for an empty key.
    pub fn key(&self) -> Option<&[u8]> {
        if self.is_error() {
            return None;
        }
        // SAFETY: a live message without an error, whose key is null or readable for its length.
        unsafe { bytes((*self.as_ptr()).key.cast_const().cast(), (*self.as_ptr()).key_len) }
    }

    /// When it was written; `None` where the broker keeps no timestamps.
    pub fn timestamp(&self) -> Option<Timestamp> {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: a live message and a writable target. librdkafka writes one of its three constants.
        let milliseconds = unsafe { sys::rd_kafka_message_timestamp(self.as_ptr(), &raw mut kind) };
        let kind = match kind {
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => return None,
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_CREATE_TIME => TimestampKind::CreateTime,
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => TimestampKind::LogAppendTime,
        };
        Some(Timestamp { kind, milliseconds })
    }

    /// The epoch of the leader that wrote it, to be committed with the position; `None` where the broker does not say.
    pub fn leader_epoch(&self) -> Option<i32> {
        // SAFETY: a live message.
        let epoch = unsafe { sys::rd_kafka_message_leader_epoch(self.as_ptr()) };
        (epoch >= 0).then_some(epoch)
    }

    /// The headers in their order; parsed at the first call, by librdkafka.
    pub fn headers(&self) -> Headers<'_> {
        if self.is_error() {
            return Headers::none();
        }
        // SAFETY: a live message without an error, borrowed for as long as the headers are.
        unsafe { Headers::of(self.as_ptr()) }
    }

    /// A copy of everything, to be kept beyond the batch; allocates.
    ///
    /// A header name that is not UTF-8 is kept with replacement characters.
    pub fn to_owned_parts(&self) -> OwnedMessage {
        self.to_owned_parts_of(Arc::from(self.topic()))
    }

    /// As [`to_owned_parts`](Message::to_owned_parts), with the topic's name from whoever has it.
    pub fn to_owned_parts_of(&self, topic: Arc<str>) -> OwnedMessage {
        let headers = self.headers();
        OwnedMessage {
            topic,
            partition: self.partition(),
            offset: self.offset(),
            payload: self.payload().map(Bytes::copy_from_slice),
            key: self.key().map(Bytes::copy_from_slice),
            headers: headers
                .raw()
                .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value.map(Bytes::copy_from_slice)))
                .collect(),
            timestamp: self.timestamp(),
            leader_epoch: self.leader_epoch(),
        }
    }
}

/// # Safety
///
/// `first` is null or readable for `length` bytes during `'a`.
pub(crate) unsafe fn bytes<'a>(first: *const u8, length: usize) -> Option<&'a [u8]> {
    if first.is_null() {
        return None;
    }
    // SAFETY: by contract.
    Some(unsafe { std::slice::from_raw_parts(first, length) })
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: ours, used by nobody after this; the batch around it keeps the client alive.
        unsafe { sys::rd_kafka_message_destroy(self.0.as_ptr()) };
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Message")
            .field("topic", &self.topic())
            .field("partition", &self.partition())
            .field("offset", &self.offset())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}
