//! What a request asks of who answers it.

use super::{CORRELATION_ID, REPLY_PARTITION, REPLY_TOPIC, Wire};
use crate::context::Headers;
use bytes::Bytes;

/// Headers that Spring's producers write by themselves, and nobody else.
const SPRING_ONLY: [&str; 2] = ["spring_json_header_types", "__TypeId__"];

/// Whom to answer, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// As it came.
    pub(crate) correlation_id: Bytes,
    pub(crate) reply_topic: String,
    /// `None` leaves it to the partitioner.
    pub(crate) reply_partition: Option<i32>,
    pub(crate) wire: Wire,
}

impl Asked {
    /// Reads a message's headers; `None` is an event, which asks for no answer. `wire` is the listener's; without one
    /// the headers tell.
    ///
    /// A reply topic that cannot be the name of a topic counts as none. So does a partition that is no number: the
    /// answer then goes where the partitioner says, and who reads that partition finds it by its id.
    pub(crate) fn read(headers: Headers<'_>, wire: Option<Wire>) -> Option<Self> {
        let correlation_id = headers.get(CORRELATION_ID).filter(|id| !id.is_empty())?;
        let reply_topic = headers.get_str(REPLY_TOPIC).filter(|topic| is_topic(topic))?;
        let partition = headers.get(REPLY_PARTITION);
        let wire = wire.unwrap_or_else(|| {
            let by_spring = is_binary(correlation_id)
                || partition.is_some_and(|partition| text_number(partition).is_none() && partition.len() == 4)
                || SPRING_ONLY.iter().any(|name| headers.get(name).is_some());
            if by_spring { Wire::Spring } else { Wire::Nest }
        });
        Some(Self {
            correlation_id: Bytes::copy_from_slice(correlation_id),
            reply_topic: reply_topic.to_owned(),
            reply_partition: partition.and_then(number),
            wire,
        })
    }
}

/// A partition as text or as four bytes. Four bytes that are all digits are text: as a number they would be above
/// 800 million, and no topic has that many partitions.
fn number(value: &[u8]) -> Option<i32> {
    text_number(value).or_else(|| {
        let bytes: [u8; 4] = value.try_into().ok()?;
        Some(i32::from_be_bytes(bytes)).filter(|number| *number >= 0)
    })
}

fn text_number(value: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(value).ok()?;
    let is_decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_decimal.then(|| text.parse().ok()).flatten()
}

/// Whether an id is bytes rather than text.
fn is_binary(id: &[u8]) -> bool {
    std::str::from_utf8(id).map_or(true, |text| text.chars().any(char::is_control))
}

/// Kafka's rule for the names of topics.
fn is_topic(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&name.len()) && name != "." && name != ".." && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&str, &[u8])], wire: Option<Wire>) -> Option<Asked> {
        let owned: Vec<_> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), Some(Bytes::copy_from_slice(value)))).collect();
        Asked::read(Headers::owned(&owned), wire)
    }

    const ID: &[u8] = b"ce4d8ec3eb5872a2f2dd7";
    const UUID: &[u8] = &[0x9f, 0x3c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

    #[test]
    fn what_nest_writes_is_read_with_its_text_partition() {
        let read =
            asked(&[(CORRELATION_ID, ID), (REPLY_TOPIC, b"math.sum.reply"), (REPLY_PARTITION, b"12")], None).unwrap();
        assert_eq!(read.correlation_id, ID);
        assert_eq!((&*read.reply_topic, read.reply_partition, read.wire), ("math.sum.reply", Some(12), Wire::Nest));
    }

    #[test]
    fn what_spring_writes_is_read_with_its_bytes() {
        let partition = 258_i32.to_be_bytes();
        let read = asked(&[(REPLY_TOPIC, b"r"), (CORRELATION_ID, UUID), (REPLY_PARTITION, &partition)], None).unwrap();
        assert_eq!((read.reply_partition, read.wire), (Some(258), Wire::Spring));
        assert_eq!(read.correlation_id, UUID);
    }

    #[test]
    fn any_of_springs_marks_tells_its_wire() {
        let spring = |headers: &[(&str, &[u8])]| {
            let all: Vec<_> = [(REPLY_TOPIC, &b"r"[..])].iter().chain(headers).copied().collect();
            asked(&all, None).unwrap().wire
        };
        assert_eq!(spring(&[(CORRELATION_ID, ID)]), Wire::Nest);
        assert_eq!(spring(&[(CORRELATION_ID, UUID)]), Wire::Spring);
        assert_eq!(spring(&[(CORRELATION_ID, ID), (REPLY_PARTITION, &[0, 0, 0, 2])]), Wire::Spring);
        assert_eq!(spring(&[(CORRELATION_ID, ID), ("spring_json_header_types", b"{}")]), Wire::Spring);
        assert_eq!(spring(&[(CORRELATION_ID, ID), ("__TypeId__", b"a.B")]), Wire::Spring);
    }

    #[test]
    fn four_digits_are_text_and_not_bytes() {
        let read = asked(&[(CORRELATION_ID, ID), (REPLY_TOPIC, b"r"), (REPLY_PARTITION, b"1234")], None).unwrap();
        assert_eq!((read.reply_partition, read.wire), (Some(1234), Wire::Nest));
    }

    #[test]
    fn a_listeners_own_wire_goes_before_what_the_headers_look_like() {
        let read = asked(&[(CORRELATION_ID, UUID), (REPLY_TOPIC, b"r")], Some(Wire::Nest)).unwrap();
        assert_eq!(read.wire, Wire::Nest);
    }

    #[test]
    fn without_id_or_topic_it_is_an_event() {
        assert_eq!(asked(&[], None), None);
        assert_eq!(asked(&[(CORRELATION_ID, ID)], None), None);
        assert_eq!(asked(&[(REPLY_TOPIC, b"r")], None), None);
        assert_eq!(asked(&[(CORRELATION_ID, b""), (REPLY_TOPIC, b"r")], None), None);
    }

    #[test]
    fn a_reply_topic_that_can_be_none_makes_it_an_event() {
        let long = [b'a'; 250];
        for name in [&b""[..], b".", b"..", b"a b", b"a/b", b"\xff", "bestellungen\u{fc}".as_bytes(), &long] {
            assert_eq!(asked(&[(CORRELATION_ID, ID), (REPLY_TOPIC, name)], None), None, "{name:?}");
        }
        assert!(asked(&[(CORRELATION_ID, ID), (REPLY_TOPIC, &long[..249])], None).is_some());
    }

    #[test]
    fn a_malformed_partition_leaves_it_to_the_partitioner() {
        for partition in [&b""[..], b"-1", b"x", b"1.5", b"99999999999", &[0xff; 4], &[1, 2, 3], &[0; 8]] {
            let read = asked(&[(CORRELATION_ID, ID), (REPLY_TOPIC, b"r"), (REPLY_PARTITION, partition)], None);
            assert_eq!(read.unwrap().reply_partition, None, "{partition:?}");
        }
    }

    #[test]
    fn the_last_of_repeated_headers_counts() {
        let read = asked(&[(CORRELATION_ID, b"old"), (CORRELATION_ID, b"new"), (REPLY_TOPIC, b"r")], None).unwrap();
        assert_eq!(&*read.correlation_id, b"new");
    }
}
