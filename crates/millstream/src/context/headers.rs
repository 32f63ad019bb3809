//! The headers of a message.

use bytes::Bytes;
use millstream_native::{Headers as NativeHeaders, Message};
use std::fmt;
use std::slice;

/// The headers of a message, in their order; borrowed, cheap to copy, read only when asked.
///
/// A name may stand there several times, and a header may have no value. Kafka allows names that are not
/// UTF-8; those are left out here.
///
/// ```
/// use bytes::Bytes;
/// use millstream::Headers;
///
/// let headers = [
///     ("trace-id".to_owned(), Some(Bytes::from_static(b"t-1"))),
///     ("trace-id".to_owned(), Some(Bytes::from_static(b"t-2"))),
///     ("redelivered".to_owned(), None),
/// ];
/// let headers = Headers::owned(&headers);
/// assert_eq!(headers.get_str("trace-id"), Some("t-2"));
/// assert_eq!(headers.get("redelivered"), Some(&b""[..]));
/// assert_eq!(headers.get("absent"), None);
/// assert_eq!(headers.len(), 3);
/// ```
#[derive(Clone, Copy)]
pub struct Headers<'m> {
    source: Source<'m>,
}

#[derive(Clone, Copy)]
enum Source<'m> {
    Owned(&'m [(String, Option<Bytes>)]),
    // Looked up again at each call, which is cheap once librdkafka has parsed them: thus this is `Copy`.
    Native(&'m Message),
}

impl<'m> Headers<'m> {
    /// Headers from a list; `None` is a header without a value.
    pub fn owned(headers: &'m [(String, Option<Bytes>)]) -> Self {
        Self { source: Source::Owned(headers) }
    }

    /// No headers.
    pub fn empty() -> Self {
        Self::owned(&[])
    }

    pub(crate) fn native(message: Option<&'m Message>) -> Self {
        message.map_or_else(Self::empty, |message| Self { source: Source::Native(message) })
    }

    /// The value of the last header of this name; an empty slice for a header without a value.
    pub fn get(&self, name: &str) -> Option<&'m [u8]> {
        match self.source {
            Source::Owned(headers) => headers
                .iter()
                .rev()
                .find(|(each, _)| each == name)
                .map(|(_, value)| value.as_deref().unwrap_or_default()),
            Source::Native(message) => message.headers().value_of(name).map(Option::unwrap_or_default),
        }
    }

    /// The value of the last header of this name as text; `None` also when it is not UTF-8, which
    /// [`get`](Self::get) tells apart.
    pub fn get_str(&self, name: &str) -> Option<&'m str> {
        std::str::from_utf8(self.get(name)?).ok()
    }

    /// The values of all headers of this name, in their order; an empty slice for a header without a
    /// value.
    pub fn get_all<'n>(&self, name: &'n str) -> impl Iterator<Item = &'m [u8]> + use<'m, 'n> {
        self.iter().filter(move |(each, _)| *each == name).map(|(_, value)| value.unwrap_or_default())
    }

    /// Names and values, in their order; `None` for a header without a value.
    pub fn iter(&self) -> HeadersIter<'m> {
        HeadersIter {
            inner: match self.source {
                Source::Owned(headers) => Inner::Owned(headers.iter()),
                Source::Native(message) => Inner::Native(message.headers()),
            },
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

// Values may be secrets; names say what is there.
impl fmt::Debug for Headers<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl<'m> IntoIterator for Headers<'m> {
    type Item = (&'m str, Option<&'m [u8]>);
    type IntoIter = HeadersIter<'m>;

    fn into_iter(self) -> HeadersIter<'m> {
        self.iter()
    }
}

impl<'m> IntoIterator for &Headers<'m> {
    type Item = (&'m str, Option<&'m [u8]>);
    type IntoIter = HeadersIter<'m>;

    fn into_iter(self) -> HeadersIter<'m> {
        self.iter()
    }
}

/// Names and values of [`Headers`].
#[derive(Clone)]
pub struct HeadersIter<'m> {
    inner: Inner<'m>,
}

#[derive(Clone)]
enum Inner<'m> {
    Owned(slice::Iter<'m, (String, Option<Bytes>)>),
    Native(NativeHeaders<'m>),
}

impl fmt::Debug for HeadersIter<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.clone().map(|(name, _)| name)).finish()
    }
}

impl<'m> Iterator for HeadersIter<'m> {
    type Item = (&'m str, Option<&'m [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.inner {
            Inner::Owned(headers) => headers.next().map(|(name, value)| (name.as_str(), value.as_deref())),
            Inner::Native(headers) => headers.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Vec<(String, Option<Bytes>)> {
        vec![
            ("a".into(), Some(Bytes::from_static(b"1"))),
            ("b".into(), None),
            ("a".into(), Some(Bytes::from_static(b"2"))),
            ("c".into(), Some(Bytes::from_static(&[0xff]))),
        ]
    }

    #[test]
    fn the_last_of_a_name_wins() {
        let list = list();
        let headers = Headers::owned(&list);
        assert_eq!(headers.get("a"), Some(&b"2"[..]));
        assert_eq!(headers.get_str("a"), Some("2"));
        assert_eq!(headers.get_all("a").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(headers.get("A"), None, "names are told apart by case");
    }

    #[test]
    fn a_header_without_a_value_is_present_and_empty() {
        let list = list();
        let headers = Headers::owned(&list);
        assert_eq!(headers.get("b"), Some(&b""[..]));
        assert_eq!(headers.iter().nth(1), Some(("b", None)));
        assert_eq!(headers.get_all("b").collect::<Vec<_>>(), [b""]);
    }

    #[test]
    fn a_value_that_is_no_text_is_bytes_only() {
        let list = list();
        let headers = Headers::owned(&list);
        assert_eq!(headers.get_str("c"), None);
        assert_eq!(headers.get("c"), Some(&[0xff][..]));
    }

    #[test]
    fn it_is_counted_and_iterated_in_order() {
        let list = list();
        let headers = Headers::owned(&list);
        assert_eq!(headers.len(), 4);
        assert_eq!(headers.into_iter().map(|(name, _)| name).collect::<String>(), "abac");
        assert!(!headers.is_empty() && Headers::empty().is_empty());
        assert_eq!(Headers::native(None).len(), 0);
    }

    #[test]
    fn its_debug_shows_no_value() {
        let list = list();
        assert_eq!(format!("{:?}", Headers::owned(&list)), r#"["a", "b", "a", "c"]"#);
        assert_eq!(format!("{:?}", Headers::owned(&list).iter()), r#"["a", "b", "a", "c"]"#);
    }
}
