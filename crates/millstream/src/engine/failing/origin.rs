//! The headers that tell of a written copy where it came from and how far its attempts are.

use crate::context::Headers;

/// Where the message came from first.
pub(crate) const ORIGIN_TOPIC: &str = "millstream-origin-topic";
pub(crate) const ORIGIN_PARTITION: &str = "millstream-origin-partition";
pub(crate) const ORIGIN_OFFSET: &str = "millstream-origin-offset";
pub(crate) const ORIGIN_TIMESTAMP: &str = "millstream-origin-timestamp";
pub(crate) const ORIGIN_GROUP: &str = "millstream-origin-group";
pub(crate) const ORIGIN_LISTENER: &str = "millstream-origin-listener";
/// Why it failed.
pub(crate) const ERROR: &str = "millstream-error";
pub(crate) const ERROR_KIND: &str = "millstream-error-kind";
pub(crate) const ATTEMPTS: &str = "millstream-attempts";
pub(crate) const FAILED_AT: &str = "millstream-failed-at";
/// When the first attempt failed.
pub(crate) const FAILED_FIRST: &str = "millstream-failed-first";
/// When it is due again, and from which of the listener's retry topics on.
pub(crate) const RETRY_DUE: &str = "millstream-retry-due";
pub(crate) const RETRY_STAGE: &str = "millstream-retry-stage";

const OURS: [&str; 13] = [
    ORIGIN_TOPIC,
    ORIGIN_PARTITION,
    ORIGIN_OFFSET,
    ORIGIN_TIMESTAMP,
    ORIGIN_GROUP,
    ORIGIN_LISTENER,
    ERROR,
    ERROR_KIND,
    ATTEMPTS,
    FAILED_AT,
    FAILED_FIRST,
    RETRY_DUE,
    RETRY_STAGE,
];

/// Whether a header is one that is written here: those of an earlier copy are replaced.
pub(crate) fn is_ours(name: &str) -> bool {
    OURS.contains(&name)
}

/// Where a message came from before it waited in a retry topic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl Origin {
    pub(crate) fn read(headers: Headers<'_>) -> Option<Self> {
        Some(Self {
            topic: headers.get_str(ORIGIN_TOPIC).filter(|topic| !topic.is_empty())?.to_owned(),
            partition: number(headers, ORIGIN_PARTITION)?,
            offset: number(headers, ORIGIN_OFFSET)?,
        })
    }
}

/// What the headers of a message in a retry topic say; each thing is absent where it is lacking or malformed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Travelled {
    /// Milliseconds since 1970.
    pub(crate) due: Option<i64>,
    pub(crate) stage: Option<usize>,
    pub(crate) attempts: u32,
    /// When the first attempt failed, in milliseconds since 1970.
    pub(crate) since: Option<i64>,
    /// Whose retry it is.
    pub(crate) listener: Option<String>,
}

impl Travelled {
    pub(crate) fn read(headers: Headers<'_>) -> Self {
        Self {
            due: number(headers, RETRY_DUE),
            stage: number(headers, RETRY_STAGE),
            attempts: number(headers, ATTEMPTS).unwrap_or(0),
            since: number(headers, FAILED_FIRST),
            listener: headers.get_str(ORIGIN_LISTENER).map(str::to_owned),
        }
    }
}

/// A number as text, not below zero.
pub(crate) fn number<N: TryFrom<u64>>(headers: Headers<'_>, name: &str) -> Option<N> {
    N::try_from(headers.get_str(name)?.parse::<u64>().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn list(entries: &[(&str, &'static [u8])]) -> Vec<(String, Option<Bytes>)> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), Some(Bytes::from_static(value)))).collect()
    }

    #[test]
    fn headers_that_are_lacking_or_malformed_say_nothing() {
        let hostile: [&'static [u8]; 5] = [b"", b"-1", b"\xff", b"99999999999999999999999", b"soon"];
        for value in hostile {
            let names = [ORIGIN_PARTITION, ORIGIN_OFFSET, ATTEMPTS, RETRY_DUE, RETRY_STAGE, FAILED_FIRST];
            let mut headers = list(&names.map(|name| (name, value)));
            headers.extend(list(&[(ORIGIN_TOPIC, b"orders")]));
            assert_eq!(Travelled::read(Headers::owned(&headers)), Travelled::default(), "{value:?}");
            assert_eq!(Origin::read(Headers::owned(&headers)), None);
        }
        assert_eq!(Travelled::read(Headers::empty()), Travelled::default());
    }

    #[test]
    fn an_origin_needs_all_of_its_parts() {
        let headers = list(&[(ORIGIN_TOPIC, b"orders"), (ORIGIN_PARTITION, b"3"), (ORIGIN_OFFSET, b"4711")]);
        let origin = Origin::read(Headers::owned(&headers)).unwrap();
        assert_eq!((&*origin.topic, origin.partition, origin.offset), ("orders", 3, 4711));
        assert_eq!(Origin::read(Headers::owned(&headers[1..])), None);
        let large = list(&[(ORIGIN_TOPIC, b"orders"), (ORIGIN_PARTITION, b"3000000000"), (ORIGIN_OFFSET, b"1")]);
        assert_eq!(Origin::read(Headers::owned(&large)), None, "no partition has that number");
    }
}
