//! What the headers of a reply say.

use super::{CORRELATION_ID, ERROR, LAST, NEST_DISPOSED, NEST_ERROR, SPRING_ERROR};
use crate::context::Headers;

/// What a reply says about itself, beside its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks<'m> {
    /// Which request it answers.
    pub(crate) correlation_id: Option<&'m [u8]>,
    /// The error that it carries, as it stands in its header: a JSON object, or text.
    pub(crate) error: Option<&'m [u8]>,
    /// Whether it is the last of its request.
    pub(crate) last: bool,
    /// Whether it says only that there are no more: its payload is no value. `NestJS` has no such mark: there a null
    /// payload in the last of several replies means the same.
    pub(crate) empty: bool,
}

impl<'m> Marks<'m> {
    /// Reads them, in one go over the headers.
    pub(crate) fn read(headers: Headers<'m>) -> Self {
        let mut marks = Self::default();
        let mut spring_error = None;
        for (name, value) in headers {
            let value = value.unwrap_or_default();
            match name {
                CORRELATION_ID => marks.correlation_id = Some(value),
                NEST_ERROR | ERROR => marks.error = Some(value),
                SPRING_ERROR => spring_error = Some(value),
                // The value means nothing: a reader that tests for truth would not see a zero byte.
                NEST_DISPOSED => marks.last = true,
                LAST => {
                    marks.last = true;
                    marks.empty = value.is_empty();
                }
                _ => {}
            }
        }
        marks.error = marks.error.or(spring_error);
        // Nothing follows an error, whoever forgot to say so.
        marks.last |= marks.error.is_some();
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::LAST_IS_VALUE;
    use bytes::Bytes;

    fn owned(headers: &[(&str, &'static [u8])]) -> Vec<(String, Option<Bytes>)> {
        headers.iter().map(|(name, value)| ((*name).to_owned(), Some(Bytes::from_static(value)))).collect()
    }

    #[test]
    fn one_value_of_many_is_marked_by_nothing_but_its_id() {
        let headers = owned(&[("a", b"1"), (CORRELATION_ID, b"id")]);
        let marks = Marks::read(Headers::owned(&headers));
        assert_eq!(marks, Marks { correlation_id: Some(b"id"), ..Marks::default() });
    }

    #[test]
    fn the_presence_of_the_zero_byte_ends_the_replies() {
        let mut headers = owned(&[(CORRELATION_ID, b"id"), (NEST_DISPOSED, b"\0")]);
        assert!(Marks::read(Headers::owned(&headers)).last);
        headers[1].1 = None;
        assert!(Marks::read(Headers::owned(&headers)).last);
        assert!(!Marks::read(Headers::owned(&headers[..1])).last);
    }

    #[test]
    fn an_error_is_the_last_and_the_object_goes_before_the_text() {
        let headers = owned(&[(ERROR, b"{}"), (SPRING_ERROR, b"no"), (CORRELATION_ID, b"id")]);
        let marks = Marks::read(Headers::owned(&headers));
        assert_eq!((marks.error, marks.last), (Some(&b"{}"[..]), true));
        let headers = owned(&[(SPRING_ERROR, b"no")]);
        assert_eq!(Marks::read(Headers::owned(&headers)).error, Some(&b"no"[..]));
        let headers = owned(&[(NEST_ERROR, b"no")]);
        assert_eq!(Marks::read(Headers::owned(&headers)).error, Some(&b"no"[..]));
    }

    #[test]
    fn only_springs_last_reply_may_say_that_it_is_no_value() {
        let headers = owned(&[(LAST, b"")]);
        let marks = Marks::read(Headers::owned(&headers));
        assert!(marks.last && marks.empty);
        for (name, value) in [(LAST, LAST_IS_VALUE.as_bytes()), (NEST_DISPOSED, b"\0")] {
            let headers = owned(&[(name, value)]);
            let marks = Marks::read(Headers::owned(&headers));
            assert!(marks.last && !marks.empty, "{name}");
        }
    }
}
