//! Headers: all of them, or one by its name.

use super::text::{for_text_types, parse, utf8};
use super::{ExtractError, FromMessage};
use crate::component::Injector;
use crate::context::{Context, Headers};
use bytes::Bytes;
use std::borrow::Cow;

/// A type that `#[header("name")]` can have.
///
/// It is given the last header of that name: `None` when there is none, an empty slice for a header
/// without a value.
///
/// ```
/// use millstream::FromHeader;
///
/// assert_eq!(u32::from_header("hops", Some(b"3"))?, 3);
/// assert_eq!(Option::<u32>::from_header("hops", None)?, None);
/// assert!(u32::from_header("hops", None).unwrap_err().is_missing());
/// assert!(Option::<u32>::from_header("hops", Some(b"three")).is_err());
/// # Ok::<(), millstream::ExtractError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a header cannot be read as `{Self}`",
    label = "does not implement `FromHeader`",
    note = "possible are `&str`, `String`, `&[u8]`, `Bytes`, `Vec<u8>`, numbers, `bool` and `char` written as text, `Option<..>` (for a header that may be absent) and `Result<.., ExtractError>` of each, and every type that implements `FromHeader`"
)]
pub trait FromHeader<'m>: Sized {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// When there is no such header and this type needs one, or when its value is not in this form. The
    /// error must not quote the value.
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError>;
}

fn required<'m>(name: &'static str, value: Option<&'m [u8]>) -> Result<&'m [u8], ExtractError> {
    value.ok_or_else(|| {
        ExtractError::missing(format!(
            "a header `{name}`; an argument of type `Option<..>` takes such messages as `None`"
        ))
    })
}

fn described(name: &'static str) -> Cow<'static, str> {
    format!("header `{name}`").into()
}

impl<'m> FromHeader<'m> for &'m [u8] {
    #[inline]
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
        required(name, value)
    }
}

impl<'m> FromHeader<'m> for &'m str {
    #[inline]
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
        utf8(required(name, value)?, || described(name))
    }
}

impl<'m> FromHeader<'m> for String {
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
        <&str>::from_header(name, value).map(str::to_owned)
    }
}

impl<'m> FromHeader<'m> for Bytes {
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
        required(name, value).map(Self::copy_from_slice)
    }
}

impl<'m> FromHeader<'m> for Vec<u8> {
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
        required(name, value).map(<[u8]>::to_vec)
    }
}

macro_rules! text_headers {
    ($($type:ty)*) => {$(
        impl<'m> FromHeader<'m> for $type {
            #[inline]
            fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
                parse(required(name, value)?, || described(name))
            }
        }
    )*};
}
for_text_types!(text_headers);

/// `None` when there is no such header; a value in a wrong form stays an error.
impl<'m, T: FromHeader<'m>> FromHeader<'m> for Option<T> {
    #[inline]
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
        value.map(|value| T::from_header(name, Some(value))).transpose()
    }
}

/// The error reaches the method in place of failing the message.
impl<'m, T: FromHeader<'m>> FromHeader<'m> for Result<T, ExtractError> {
    #[inline]
    fn from_header(name: &'static str, value: Option<&'m [u8]>) -> Result<Self, ExtractError> {
        Ok(T::from_header(name, value))
    }
}

/// All headers; a message without any has an empty list.
impl<'m> FromMessage<'m> for Headers<'m> {
    type Prepared = ();

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    #[inline]
    fn from_message(context: &'m Context, (): &'m ()) -> Result<Self, ExtractError> {
        Ok(context.headers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{extract, with_headers};

    #[test]
    fn a_present_header_is_borrowed_or_copied() {
        let bytes = &b"t-1"[..];
        let value = Some(bytes);
        let text = <&str>::from_header("trace-id", value).unwrap();
        assert_eq!(text, "t-1");
        assert_eq!(text.as_ptr(), bytes.as_ptr());
        assert_eq!(<&[u8]>::from_header("trace-id", value).unwrap(), b"t-1");
        assert_eq!(String::from_header("trace-id", value).unwrap(), "t-1");
        assert_eq!(Bytes::from_header("trace-id", value).unwrap(), "t-1");
        assert_eq!(Vec::<u8>::from_header("trace-id", value).unwrap(), b"t-1");
        assert_eq!(Option::<&str>::from_header("trace-id", value).unwrap(), Some("t-1"));
    }

    #[test]
    fn numbers_and_booleans_are_read_from_their_text() {
        assert_eq!(u16::from_header("hops", Some(b"3")).unwrap(), 3);
        assert!(bool::from_header("sampled", Some(b"true")).unwrap());
        assert_eq!(Option::<f64>::from_header("weight", Some(b"0.5")).unwrap(), Some(0.5));
    }

    #[test]
    fn an_absent_header_is_missing_unless_the_type_is_an_option() {
        let error = <&str>::from_header("trace-id", None).unwrap_err();
        assert!(error.is_missing());
        assert_eq!(
            error.to_string(),
            "the message does not have a header `trace-id`; an argument of type `Option<..>` takes such messages as `None`"
        );
        assert_eq!(Option::<String>::from_header("trace-id", None).unwrap(), None);
        assert!(Result::<u8, _>::from_header("trace-id", None).unwrap().unwrap_err().is_missing());
    }

    #[test]
    fn a_value_in_another_form_stays_an_error_and_is_not_quoted() {
        let error = Option::<u16>::from_header("hops", Some(b"three")).unwrap_err();
        assert!(!error.is_missing());
        assert_eq!(error.to_string(), "header `hops` does not decode: invalid digit found in string");
        assert!(Option::<u16>::from_header("hops", Some(b"")).is_err(), "no value is no number");
        assert!(<&str>::from_header("trace-id", Some(&[0xff])).is_err());
        assert!(Result::<u16, _>::from_header("hops", Some(b"three")).unwrap().is_err());
    }

    #[test]
    fn all_headers_are_an_argument_too() {
        let context = with_headers(&[("a", Some("1"))]);
        assert_eq!(extract::<Headers<'_>>(&context).unwrap().get("a"), Some(&b"1"[..]));
        assert!(extract::<Headers<'_>>(&with_headers(&[])).unwrap().is_empty());
    }
}
