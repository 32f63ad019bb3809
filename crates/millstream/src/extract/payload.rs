//! The payload as it is: text or bytes.

use super::text::utf8;
use super::{ExtractError, FromMessage};
use crate::component::Injector;
use crate::context::Context;
use bytes::Bytes;

const NAME: &str = "the payload";

/// The payload, or the error for a tombstone that says how to take those too.
#[inline]
pub(super) fn required<'m>(context: &'m Context, tombstone: &'static str) -> Result<&'m [u8], ExtractError> {
    context.payload().ok_or_else(|| ExtractError::missing(tombstone))
}

macro_rules! tombstone {
    ($type:literal) => {
        concat!("a payload: it is a tombstone, which an argument of type `Option<", $type, ">` takes as `None`")
    };
}
pub(super) use tombstone;

/// Extractors that need nothing at start.
macro_rules! payload_extractors {
    ($($(#[$doc:meta])* $type:ty, $name:literal, |$payload:ident| $value:expr;)*) => {$(
        $(#[$doc])*
        impl<'m> FromMessage<'m> for $type {
            type Prepared = ();

            fn prepare(_: &mut Injector<'_>) -> Option<()> {
                Some(())
            }

            #[inline]
            fn from_message(context: &'m Context, (): &'m ()) -> Result<Self, ExtractError> {
                let $payload = required(context, tombstone!($name))?;
                $value
            }
        }
    )*};
}

payload_extractors! {
    /// The payload as text, borrowed from the message.
    &'m str, "&str", |payload| utf8(payload, || NAME.into());

    /// The payload as text, copied.
    String, "String", |payload| utf8(payload, || NAME.into()).map(str::to_owned);

    /// The payload's bytes, borrowed from the message.
    &'m [u8], "&[u8]", |payload| Ok(payload);

    /// The payload's bytes, copied: bytes that went on pointing into the message would keep its whole
    /// fetch buffer alive.
    Bytes, "Bytes", |payload| Ok(Bytes::copy_from_slice(payload));

    /// The payload's bytes, copied.
    Vec<u8>, "Vec<u8>", |payload| Ok(payload.to_vec());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{extract, message};

    #[test]
    fn text_is_borrowed_from_the_message() {
        let context = message(Some(b"four"));
        let text = extract::<&str>(&context).unwrap();
        assert_eq!(text, "four");
        assert_eq!(text.as_ptr(), context.payload().unwrap().as_ptr());
        assert_eq!(extract::<String>(&context).unwrap(), "four");
    }

    #[test]
    fn bytes_are_taken_as_they_are() {
        let context = message(Some(&[0xff, 0]));
        let bytes = extract::<&[u8]>(&context).unwrap();
        assert_eq!(bytes.as_ptr(), context.payload().unwrap().as_ptr());
        assert_eq!(extract::<Vec<u8>>(&context).unwrap(), [0xff, 0]);
        let copy = extract::<Bytes>(&context).unwrap();
        assert_eq!(copy, [0xff, 0][..]);
        assert_ne!(copy.as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn an_empty_payload_is_present() {
        let context = message(Some(b""));
        assert_eq!(extract::<&str>(&context).unwrap(), "");
        assert_eq!(extract::<&[u8]>(&context).unwrap(), b"");
        assert_eq!(extract::<Option<String>>(&context).unwrap().as_deref(), Some(""));
    }

    #[test]
    fn text_that_is_no_utf8_is_malformed_and_not_quoted() {
        let context = message(Some(b"secret\xff"));
        for error in [extract::<&str>(&context).unwrap_err(), extract::<String>(&context).unwrap_err()] {
            assert!(!error.is_missing());
            assert_eq!(
                error.to_string(),
                "the payload does not decode: invalid utf-8 sequence of 1 bytes from index 6"
            );
        }
        assert!(extract::<Option<&str>>(&context).is_err(), "malformed is not absent");
    }

    #[test]
    fn a_tombstone_is_missing_and_the_error_names_the_type_that_takes_it() {
        let context = message(None);
        let error = extract::<&str>(&context).unwrap_err();
        assert!(error.is_missing());
        assert_eq!(
            error.to_string(),
            "the message does not have a payload: it is a tombstone, which an argument of type `Option<&str>` takes as `None`"
        );
        assert!(extract::<Bytes>(&context).unwrap_err().to_string().contains("`Option<Bytes>`"));
        assert_eq!(extract::<Option<&[u8]>>(&context).unwrap(), None);
        assert_eq!(extract::<Option<Vec<u8>>>(&context).unwrap(), None);
    }
}
