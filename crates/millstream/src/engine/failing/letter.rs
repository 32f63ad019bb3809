//! A message that failed, on its way to another topic.

use super::destination::{Destination, Route};
use super::origin::{
    ATTEMPTS, ERROR, ERROR_KIND, FAILED_AT, FAILED_FIRST, ORIGIN_GROUP, ORIGIN_LISTENER, ORIGIN_OFFSET,
    ORIGIN_PARTITION, ORIGIN_TIMESTAMP, ORIGIN_TOPIC, Origin, is_ours, number,
};
use crate::context::Headers;
use crate::engine::lane::Lane;
use crate::listener::Failure;
use crate::producer::OutgoingMessage;
use millstream_native::{OwnedMessage, Timestamp, TimestampKind};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many bytes of an error's text travel.
const ERROR_BYTES: usize = 1024;

/// Why and when a message failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// One word.
    pub(crate) kind: &'static str,
    pub(crate) error: String,
    /// Attempts so far.
    pub(crate) attempts: u32,
    /// When the first attempt failed, and when the last one did, in milliseconds since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) destination: Destination,
    /// And where then, before it is settled.
    pub(crate) then: Option<Destination>,
    /// Whether its message is not handled again, also if it cannot be written.
    pub(crate) is_final: bool,
    pub(crate) message: OwnedMessage,
    pub(crate) reason: Reason,
    pub(crate) group_id: Arc<str>,
    pub(crate) listener: Arc<str>,
    /// Whether the message came from a retry topic, so that its headers say where from at first.
    pub(crate) was_retried: bool,
}

impl Letter {
    pub(crate) fn new(lane: &Lane, route: Route, message: OwnedMessage, reason: Reason) -> Self {
        Self {
            destination: route.first,
            then: route.then,
            is_final: route.is_final,
            message,
            reason,
            group_id: Arc::clone(&lane.group_id),
            listener: Arc::clone(&lane.listener),
            was_retried: lane.stage.is_some(),
        }
    }

    /// Whether the application stops once it stands where it goes.
    pub(crate) fn stops(&self) -> bool {
        matches!(self.destination, Destination::Answer { stop: true, .. })
    }

    /// Once it stands where it went: whether it goes on from there.
    pub(crate) fn goes_on(&mut self) -> bool {
        let Some(then) = self.then.take() else { return false };
        self.destination = then;
        // A copy of it stands already.
        self.is_final = true;
        true
    }

    pub(crate) fn offset(&self) -> i64 {
        self.message.offset
    }

    /// Where the message stood first, and when it was written there.
    pub(crate) fn origin(&self) -> (Origin, Option<Timestamp>) {
        let headers = Headers::owned(&self.message.headers);
        if let Some(origin) = Origin::read(headers).filter(|_| self.was_retried) {
            let milliseconds = number(headers, ORIGIN_TIMESTAMP);
            let kind = TimestampKind::CreateTime;
            (origin, milliseconds.map(|milliseconds| Timestamp { kind, milliseconds }))
        } else {
            let OwnedMessage { topic, partition, offset, timestamp, .. } = &self.message;
            (Origin { topic: topic.to_string(), partition: *partition, offset: *offset }, *timestamp)
        }
    }

    /// The copy as far as both kinds agree: key, payload, the headers without those of an earlier copy, then where from,
    /// why and how often.
    pub(crate) fn copy(&self, partition: i32) -> OutgoingMessage {
        let (origin, timestamp) = self.origin();
        let Reason { kind, error, attempts, first, last } = &self.reason;
        let kept = self.message.headers.iter().filter(|(name, _)| !is_ours(name)).cloned();
        let mut message = OutgoingMessage::new(Arc::clone(self.destination.topic()))
            .partition(partition)
            .key(self.message.key.clone())
            .payload(self.message.payload.clone())
            .headers(kept)
            .header(ORIGIN_TOPIC, &*origin.topic)
            .header(ORIGIN_PARTITION, origin.partition.to_string())
            .header(ORIGIN_OFFSET, origin.offset.to_string());
        if let Some(timestamp) = timestamp {
            message = message.header(ORIGIN_TIMESTAMP, timestamp.milliseconds.to_string());
        }
        message
            .header(ORIGIN_GROUP, &*self.group_id)
            .header(ORIGIN_LISTENER, &*self.listener)
            .header(ERROR, shortened(error))
            .header(ERROR_KIND, *kind)
            .header(ATTEMPTS, attempts.to_string())
            .header(FAILED_FIRST, first.to_string())
            .header(FAILED_AT, last.to_string())
    }
}

/// A failure in one word.
pub(crate) fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::Extract(_) => "extract",
        Failure::Error(error) if error.is_terminal() => "terminal",
        Failure::Error(_) => "error",
        Failure::Panic(_) => "panic",
        Failure::Timeout(_) => "timeout",
        Failure::Rewind => "rewind",
        Failure::Dropped => "dropped",
        Failure::Interrupted => "interrupted",
    }
}

/// As much of an error's text as travels, cut between two characters.
pub(crate) fn shortened(error: &str) -> &str {
    if error.len() <= ERROR_BYTES {
        return error;
    }
    let end = (0..=ERROR_BYTES).rev().find(|end| error.is_char_boundary(*end)).unwrap_or(0);
    error.get(..end).unwrap_or_default()
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A letter for tests.
#[cfg(test)]
pub(crate) fn sample(destination: Destination) -> Letter {
    use bytes::Bytes;
    let message = OwnedMessage {
        payload: Some(Bytes::from_static(b"\x00raw")),
        key: Some(Bytes::from_static(b"k")),
        headers: vec![
            ("a".into(), Some(Bytes::from_static(b"1"))),
            ("b".into(), None),
            ("a".into(), Some(Bytes::from_static(b"2"))),
        ],
        timestamp: Some(Timestamp { kind: TimestampKind::CreateTime, milliseconds: 1_000 }),
        ..OwnedMessage::new("orders", 3, 4711)
    };
    let reason = Reason { kind: "error", error: "no such customer".into(), attempts: 4, first: 2_000, last: 3_000 };
    let (group_id, listener) = ("billing".into(), "Billing.on_order".into());
    Letter { destination, then: None, is_final: false, message, reason, group_id, listener, was_retried: false }
}

/// The value of the only header of this name, as text.
#[cfg(test)]
pub(crate) fn only<'m>(message: &'m OutgoingMessage, name: &str) -> &'m [u8] {
    let values: Vec<_> = message.header_list().iter().filter(|(each, _)| each == name).collect();
    assert_eq!(values.len(), 1, "{name}");
    values[0].1.as_deref().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn dead() -> Destination {
        Destination::DeadLetter { topic: "orders.dead".into(), spring_headers: false }
    }

    #[test]
    fn a_copy_keeps_key_payload_and_headers_as_they_are_and_tells_where_from_and_why() {
        let copy = sample(dead()).copy(1);
        assert_eq!((copy.topic(), copy.named_partition()), ("orders.dead", Some(1)));
        assert_eq!(copy.key_bytes().unwrap(), &Bytes::from_static(b"k"));
        assert_eq!(copy.payload_bytes().unwrap(), &Bytes::from_static(b"\x00raw"));
        assert_eq!(copy.header_list()[..3], sample(dead()).message.headers);
        for (name, value) in [
            (ORIGIN_TOPIC, "orders"),
            (ORIGIN_PARTITION, "3"),
            (ORIGIN_OFFSET, "4711"),
            (ORIGIN_TIMESTAMP, "1000"),
            (ORIGIN_GROUP, "billing"),
            (ORIGIN_LISTENER, "Billing.on_order"),
            (ERROR, "no such customer"),
            (ERROR_KIND, "error"),
            (ATTEMPTS, "4"),
            (FAILED_FIRST, "2000"),
            (FAILED_AT, "3000"),
        ] {
            assert_eq!(only(&copy, name), value.as_bytes(), "{name}");
        }
    }

    #[test]
    fn null_key_and_tombstone_stay_what_they_are() {
        let mut letter = sample(dead());
        letter.message.key = None;
        letter.message.payload = None;
        let copy = letter.copy(0);
        assert_eq!((copy.key_bytes(), copy.payload_bytes()), (None, None));
        letter.message.key = Some(Bytes::new());
        assert_eq!(letter.copy(0).key_bytes(), Some(&Bytes::new()), "an empty key is not a lacking one");
    }

    #[test]
    fn a_copy_of_a_copy_replaces_what_the_first_one_told() {
        let mut letter = sample(dead());
        letter.message.headers = letter.copy(0).header_list().to_vec();
        letter.message = OwnedMessage { headers: letter.message.headers, ..OwnedMessage::new("orders.dead", 0, 5) };
        let count = letter.message.headers.len();
        let again = letter.copy(0);
        // It has no timestamp now.
        assert_eq!(again.header_list().len(), count - 1);
        assert_eq!(only(&again, ORIGIN_TOPIC), b"orders.dead", "a dead letter that is read is a message of its own");
        letter.was_retried = true;
        let retried = letter.copy(0);
        assert_eq!((only(&retried, ORIGIN_TOPIC), only(&retried, ORIGIN_OFFSET)), (&b"orders"[..], &b"4711"[..]));
        assert_eq!(only(&retried, ORIGIN_TIMESTAMP), b"1000");
    }

    #[test]
    fn a_long_error_is_cut_between_two_characters() {
        let error = "é".repeat(600);
        assert_eq!(shortened(&error).len(), 1024);
        let error = format!("x{error}");
        assert_eq!(shortened(&error).len(), 1023);
        assert_eq!(shortened("short"), "short");
    }
}
