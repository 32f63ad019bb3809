//! What the body of a request or a reply is made of, and made into.

use super::Nest;
use crate::error::BoxError;
use crate::extract::Json;
use crate::producer::IntoPayload;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What can be the body of a request or a reply: everything that serde can write.
///
/// Text is written as it is, nothing (`None`, `()`) is a null payload, everything else is JSON: what `NestJS` writes, and
/// what Spring reads with a text or JSON deserializer. [`Json`] writes text as JSON too.
pub trait IntoBody {
    /// The bytes; `None` is null.
    ///
    /// # Errors
    /// What serde cannot write as JSON.
    fn body(&self) -> Result<Option<Bytes>, BoxError>;
}

impl<T: Serialize + ?Sized> IntoBody for T {
    fn body(&self) -> Result<Option<Bytes>, BoxError> {
        Nest(self).encoded()
    }
}

impl<T: Serialize> IntoBody for Json<T> {
    fn body(&self) -> Result<Option<Bytes>, BoxError> {
        Ok(Some(serde_json::to_vec(&self.0)?.into()))
    }
}

/// A body as the payload of a message.
pub(crate) struct Body<'b, T: ?Sized>(pub(crate) &'b T);

impl<T: IntoBody + ?Sized> IntoPayload for Body<'_, T> {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.0.body()
    }
}

/// What the body of a reply can be read as: everything that serde can read.
///
/// A payload that begins with `{` or `[` is JSON; any other is text, from which numbers, booleans and names of variants
/// are read too; null is `None` or `()`. [`Json`] reads every payload as JSON.
pub trait FromBody: Sized {
    /// Reads it; `None` is null.
    ///
    /// # Errors
    /// What the payload lacks. The text says nothing of the payload itself.
    fn from_body(payload: Option<&[u8]>) -> Result<Self, BoxError>;
}

impl<T: DeserializeOwned> FromBody for T {
    fn from_body(payload: Option<&[u8]>) -> Result<Self, BoxError> {
        Nest::decoded(payload).map(|Nest(value)| value)
    }
}

impl<T: DeserializeOwned> FromBody for Json<T> {
    fn from_body(payload: Option<&[u8]>) -> Result<Self, BoxError> {
        Ok(Self(serde_json::from_slice(payload.ok_or("the payload is null")?)?))
    }
}
