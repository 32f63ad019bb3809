//! The messages of a batch as they are: nothing is decoded or copied.

use super::context::{BatchContext, Part, Source};
use crate::context::{Headers, Timestamp};
use crate::engine::lane::Lane;
use millstream_native::{Message, OwnedMessage};
use std::fmt;

/// The messages of a batch, undecoded, as an argument of a listener: what is not looked at costs nothing, and
/// nothing is copied or allocated for a message.
///
/// ```
/// use millstream::Messages;
///
/// async fn on_lines(lines: Messages<'_>) {
///     let bytes: usize = lines.iter().filter_map(|line| line.payload()).map(<[u8]>::len).sum();
///     println!("{} lines of {bytes} bytes", lines.len());
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Messages<'b> {
    batch: &'b BatchContext,
}

impl<'b> Messages<'b> {
    /// The messages of this batch.
    pub fn new(batch: &'b BatchContext) -> Self {
        Self { batch }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there are none; never in a listener.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The message at this index, from 0.
    pub fn get(&self, index: usize) -> Option<BatchMessage<'b>> {
        let (part, within) = self.batch.locate(index)?;
        BatchMessage::at(part, within)
    }

    /// The messages in the order of the batch.
    pub fn iter(&self) -> MessagesIter<'b> {
        MessagesIter { parts: self.batch.parts(), within: 0, left: self.batch.len() }
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Messages({})", self.len())
    }
}

impl<'b> IntoIterator for Messages<'b> {
    type Item = BatchMessage<'b>;
    type IntoIter = MessagesIter<'b>;

    fn into_iter(self) -> MessagesIter<'b> {
        self.iter()
    }
}

impl<'b> IntoIterator for &Messages<'b> {
    type Item = BatchMessage<'b>;
    type IntoIter = MessagesIter<'b>;

    fn into_iter(self) -> MessagesIter<'b> {
        self.iter()
    }
}

/// Goes through [`Messages`].
#[derive(Clone)]
pub struct MessagesIter<'b> {
    parts: &'b [Part],
    within: usize,
    left: usize,
}

impl fmt::Debug for MessagesIter<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MessagesIter({} to come)", self.left)
    }
}

impl<'b> Iterator for MessagesIter<'b> {
    type Item = BatchMessage<'b>;

    #[inline]
    fn next(&mut self) -> Option<BatchMessage<'b>> {
        loop {
            let part = self.parts.first()?;
            if self.left > 0 && self.within < part.len() {
                let message = BatchMessage::at(part, self.within);
                self.within += 1;
                self.left -= 1;
                return message;
            }
            if self.left == 0 {
                return None;
            }
            self.parts = self.parts.get(1..)?;
            self.within = 0;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for MessagesIter<'_> {}

/// One message of a batch, read where it is.
#[derive(Clone, Copy)]
pub struct BatchMessage<'b> {
    lane: &'b Lane,
    read: Read<'b>,
}

#[derive(Clone, Copy)]
enum Read<'b> {
    Native(&'b Message),
    Owned(&'b OwnedMessage),
}

impl<'b> BatchMessage<'b> {
    #[inline]
    fn at(part: &'b Part, within: usize) -> Option<Self> {
        let read = match &part.source {
            Source::Stretch { batch, from, .. } => Read::Native(batch.get(from.saturating_add(within))?),
            Source::Owned(owned) => Read::Owned(owned),
        };
        Some(Self { lane: &part.lane, read })
    }

    /// The topic.
    pub fn topic(&self) -> &'b str {
        &self.lane.topic
    }

    /// The partition.
    pub fn partition(&self) -> i32 {
        self.lane.partition
    }

    /// The offset.
    #[inline]
    pub fn offset(&self) -> i64 {
        match self.read {
            Read::Native(message) => message.offset(),
            Read::Owned(owned) => owned.offset,
        }
    }

    /// The payload; `None` is a tombstone.
    #[inline]
    pub fn payload(&self) -> Option<&'b [u8]> {
        match self.read {
            Read::Native(message) => message.payload(),
            Read::Owned(owned) => owned.payload.as_deref(),
        }
    }

    /// The key, if it has one.
    #[inline]
    pub fn key(&self) -> Option<&'b [u8]> {
        match self.read {
            Read::Native(message) => message.key(),
            Read::Owned(owned) => owned.key.as_deref(),
        }
    }

    /// The headers, in their order; they are parsed only when this is called.
    pub fn headers(&self) -> Headers<'b> {
        match self.read {
            Read::Native(message) => Headers::native(Some(message)),
            Read::Owned(owned) => Headers::owned(&owned.headers),
        }
    }

    /// The last header of this name, as bytes; an empty slice for a header without a value.
    pub fn header(&self, name: &str) -> Option<&'b [u8]> {
        self.headers().get(name)
    }

    /// The timestamp, if the message has one.
    pub fn timestamp(&self) -> Option<Timestamp> {
        match self.read {
            Read::Native(message) => message.timestamp(),
            Read::Owned(owned) => owned.timestamp,
        }
    }
}

// Payloads and keys may be secrets.
impl fmt::Debug for BatchMessage<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BatchMessage({}/{}@{})", self.topic(), self.partition(), self.offset())
    }
}
