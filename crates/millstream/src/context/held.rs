//! The message in hand: one of a batch shared with others, or an owned copy.

use super::Headers;
use millstream_native::{Batch, Message, OwnedMessage};
use std::sync::Arc;

pub use millstream_native::Timestamp;

/// The message in hand.
#[derive(Clone)]
pub(crate) enum Held {
    /// Between two messages.
    Nothing,
    /// One message of a batch.
    Batch {
        /// The batch; it keeps the client alive.
        batch: Arc<Batch>,
        /// Which message.
        index: usize,
    },
    /// A copy that pins no fetch buffer; also what tests make.
    Owned(Box<OwnedMessage>),
}

impl Held {
    #[inline]
    pub(crate) fn message(&self) -> Option<&Message> {
        match self {
            Self::Batch { batch, index } => batch.get(*index),
            Self::Nothing | Self::Owned(_) => None,
        }
    }

    /// Goes on to another message of the batch; its offset, or `None` behind the last.
    #[inline]
    pub(crate) fn advance(&mut self, to: usize) -> Option<i64> {
        let Self::Batch { batch, index } = self else { return None };
        *index = to;
        batch.get(to).map(Message::offset)
    }

    #[inline]
    pub(crate) fn offset(&self) -> i64 {
        match self {
            Self::Owned(owned) => owned.offset,
            Self::Batch { .. } => self.message().map_or(-1, Message::offset),
            Self::Nothing => -1,
        }
    }

    #[inline]
    pub(crate) fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Owned(owned) => owned.payload.as_deref(),
            Self::Batch { .. } => self.message()?.payload(),
            Self::Nothing => None,
        }
    }

    #[inline]
    pub(crate) fn key(&self) -> Option<&[u8]> {
        match self {
            Self::Owned(owned) => owned.key.as_deref(),
            Self::Batch { .. } => self.message()?.key(),
            Self::Nothing => None,
        }
    }

    /// A copy of everything; `None` between two messages.
    pub(crate) fn to_owned_message(&self, topic: &Arc<str>) -> Option<OwnedMessage> {
        match self {
            Self::Owned(owned) => Some(OwnedMessage::clone(owned)),
            Self::Batch { .. } => self.message().map(|message| message.to_owned_parts_of(Arc::clone(topic))),
            Self::Nothing => None,
        }
    }

    pub(crate) fn headers(&self) -> Headers<'_> {
        match self {
            Self::Owned(owned) => Headers::owned(&owned.headers),
            Self::Batch { .. } => Headers::native(self.message()),
            Self::Nothing => Headers::empty(),
        }
    }

    pub(crate) fn timestamp(&self) -> Option<Timestamp> {
        match self {
            Self::Owned(owned) => owned.timestamp,
            Self::Batch { .. } => self.message()?.timestamp(),
            Self::Nothing => None,
        }
    }
}
