//! A reply as it arrives at who asked.

use bytes::Bytes;

/// One reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) payload: Option<Bytes>,
    /// The error that it carries, as it stands in its header.
    pub(crate) error: Option<Bytes>,
    /// Whether it is the last of its request.
    pub(crate) last: bool,
}
