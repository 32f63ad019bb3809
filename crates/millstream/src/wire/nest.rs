//! Payloads by the rules of `NestJS`.

use crate::component::Injector;
use crate::context::Context;
use crate::error::BoxError;
use crate::extract::{ExtractError, FromMessage};
use crate::producer::IntoPayload;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A payload by the rules of `NestJS`: JSON only where it begins with `{` or `[`, else text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nest<T>(
    /// The decoded payload.
    pub T,
);

impl<T: Serialize> Nest<T> {
    pub(crate) fn encoded(&self) -> Result<Option<Bytes>, BoxError> {
        let json = serde_json::to_vec(&self.0)?;
        match json.first() {
            Some(b'"') => Ok(Some(serde_json::from_slice::<String>(&json)?.into())),
            Some(b'n') => Ok(None),
            _ => Ok(Some(json.into())),
        }
    }
}

impl<'m, T: Deserialize<'m>> Nest<T> {
    pub(crate) fn decoded(payload: Option<&'m [u8]>) -> Result<Self, BoxError> {
        Ok(Self(serde_json::from_slice(payload.unwrap_or(b"null"))?))
    }
}

impl<T: Serialize> IntoPayload for Nest<T> {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.encoded()
    }
}

impl<'m, T: Deserialize<'m>> FromMessage<'m> for Nest<T> {
    type Prepared = ();

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    fn from_message(context: &'m Context, (): &'m ()) -> Result<Self, ExtractError> {
        Self::decoded(context.payload()).map_err(|error| ExtractError::malformed("the payload", error.to_string()))
    }
}
