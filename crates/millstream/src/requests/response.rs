//! A reply with all that belongs to it.

use crate::error::BoxError;
use crate::wire::FromBody;
use bytes::Bytes;

/// A reply with its key and headers.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    pub(super) payload: Option<Bytes>,
    pub(super) key: Option<Bytes>,
    pub(super) headers: Vec<(String, Option<Bytes>)>,
}

impl Response {
    /// The payload's bytes; `None` is null.
    pub fn payload(&self) -> Option<&Bytes> {
        self.payload.as_ref()
    }

    /// The key's bytes.
    pub fn key(&self) -> Option<&Bytes> {
        self.key.as_ref()
    }

    /// The headers in their order; a name may repeat.
    pub fn headers(&self) -> &[(String, Option<Bytes>)] {
        &self.headers
    }

    /// The payload as a value.
    ///
    /// # Errors
    /// It is no such value.
    pub fn value<T: FromBody>(&self) -> Result<T, BoxError> {
        T::from_body(self.payload.as_deref())
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Payload, key and header values may be secret.
        formatter
            .debug_struct("Response")
            .field("payload_length", &self.payload.as_ref().map(Bytes::len))
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
