//! One reply, as it was read.

use bytes::Bytes;

/// One reply. Key and headers are there only where somebody asked for them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reply {
    pub(super) payload: Option<Bytes>,
    pub(super) key: Option<Bytes>,
    pub(super) headers: Vec<(String, Option<Bytes>)>,
    /// The error that it carries.
    pub(super) error: Option<Bytes>,
    /// Whether it is the last of its request.
    pub(super) last: bool,
    /// Whether it says only that there are no more.
    pub(super) empty: bool,
}

impl Reply {
    /// The bytes that it keeps.
    pub(super) fn size(&self) -> usize {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + length(value)).sum();
        length(&self.payload) + length(&self.key) + length(&self.error) + headers
    }

    /// Whether it is a value of a stream. Without a mark of its own a service says that there are no more with a null
    /// payload in the last reply.
    pub(super) fn is_value(&self) -> bool {
        self.error.is_none() && !self.empty && !(self.last && self.payload.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_null_payload_is_no_value() {
        let null = Reply::default();
        assert!(null.is_value());
        assert!(!Reply { last: true, ..null.clone() }.is_value());
        assert!(Reply { last: true, payload: Some(Bytes::new()), ..null.clone() }.is_value());
        assert!(!Reply { empty: true, ..null.clone() }.is_value());
        assert!(!Reply { error: Some(Bytes::new()), ..null }.is_value());
    }

    #[test]
    fn everything_that_it_keeps_counts() {
        let reply = Reply {
            payload: Some("abc".into()),
            key: Some("k".into()),
            headers: vec![("name".into(), Some("value".into())), ("n".into(), None)],
            error: Some("no".into()),
            ..Reply::default()
        };
        assert_eq!(reply.size(), 3 + 1 + 9 + 1 + 2);
    }
}
