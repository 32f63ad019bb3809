//! What can be a payload, a key or a header's value.

use crate::error::BoxError;
use crate::extract::Json;
use bytes::Bytes;
use serde::Serialize;

/// What can be sent: as a payload, a key, or the value of a header.
///
/// Texts and bytes are sent as they are, [`Json`] is written as JSON, `None` is null: a tombstone where it is a
/// payload.
///
/// ```
/// use bytes::Bytes;
/// use millstream::{BoxError, IntoPayload, OutgoingMessage};
///
/// struct Celsius(f32);
///
/// impl IntoPayload for Celsius {
///     fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
///         if self.0 < -273.15 {
///             return Err("colder than it can be".into());
///         }
///         Ok(Some(Bytes::copy_from_slice(&self.0.to_be_bytes())))
///     }
/// }
///
/// let message = OutgoingMessage::new("temperatures").key("cellar").payload(Celsius(12.5));
/// assert_eq!(message.payload_bytes().map(|payload| payload.len()), Some(4));
/// ```
pub trait IntoPayload {
    /// The bytes; `None` is null.
    ///
    /// # Errors
    /// What cannot be written as bytes; sending it then fails with
    /// [`SendErrorKind::Serialization`](crate::SendErrorKind::Serialization).
    fn into_payload(self) -> Result<Option<Bytes>, BoxError>;
}

impl<T: Serialize> IntoPayload for Json<T> {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(serde_json::to_vec(&self.0)?.into()))
    }
}

impl<T: IntoPayload> IntoPayload for Option<T> {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.map_or(Ok(None), T::into_payload)
    }
}

impl IntoPayload for Bytes {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(self))
    }
}

impl IntoPayload for Vec<u8> {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(self.into()))
    }
}

impl IntoPayload for String {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(self.into()))
    }
}

impl IntoPayload for &str {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.as_bytes().into_payload()
    }
}

impl IntoPayload for &String {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.as_bytes().into_payload()
    }
}

impl IntoPayload for &[u8] {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(Bytes::copy_from_slice(self)))
    }
}

impl<const N: usize> IntoPayload for &[u8; N] {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.as_slice().into_payload()
    }
}

impl<const N: usize> IntoPayload for [u8; N] {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.as_slice().into_payload()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(payload: impl IntoPayload) -> Option<Vec<u8>> {
        payload.into_payload().unwrap().map(|bytes| bytes.to_vec())
    }

    #[test]
    #[allow(clippy::needless_borrows_for_generic_args)] // each kind of borrow is a case
    fn texts_and_bytes_are_sent_as_they_are() {
        let expected = Some(b"abc".to_vec());
        for given in [
            bytes("abc"),
            bytes("abc".to_owned()),
            bytes(&"abc".to_owned()),
            bytes(b"abc"),
            bytes(*b"abc"),
            bytes(&b"abc"[..]),
            bytes(b"abc".to_vec()),
            bytes(Bytes::from_static(b"abc")),
            bytes(Some("abc")),
        ] {
            assert_eq!(given, expected);
        }
    }

    #[test]
    fn nothing_is_null_and_an_empty_text_is_not() {
        assert_eq!(bytes(None::<&str>), None);
        assert_eq!(bytes(""), Some(Vec::new()));
    }

    #[test]
    fn json_is_written_and_what_is_no_json_is_an_error() {
        assert_eq!(bytes(Json(vec![1, 2])), Some(b"[1,2]".to_vec()));
        let keyed_by_lists = std::collections::BTreeMap::from([(vec![1], 2)]);
        assert!(Json(keyed_by_lists).into_payload().is_err());
    }
}
