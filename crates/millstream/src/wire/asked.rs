//! What a request asks of who answers it.

use super::Wire;
use crate::context::Headers;
use bytes::Bytes;

/// Whom to answer, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// As it came.
    pub(crate) correlation_id: Bytes,
    pub(crate) reply_topic: String,
    /// `None` leaves it to the partitioner.
    pub(crate) reply_partition: Option<i32>,
    pub(crate) wire: Wire,
}

impl Asked {
    /// Reads a message's headers; `None` is an event, which asks for no answer. `wire` is the listener's; without one
    /// the headers tell.
    pub(crate) fn read(headers: Headers<'_>, wire: Option<Wire>) -> Option<Self> {
        let _ = (headers, wire);
        None
    }
}
