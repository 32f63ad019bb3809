//! One message on its way through its attempts.

use crate::answer::Replies;
use crate::context::Held;
use crate::engine::failing::letter::Letter;
use crate::engine::lane::Called;
use millstream_native::Message;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use tokio::time::Instant;

/// A message that is to be handled: in hand, waiting for another of its key, for its retry, or for somebody to resume it.
pub(crate) struct Item {
    pub(super) held: Held,
    pub(super) offset: i64,
    /// What it must be in order with; nothing where no order is wanted.
    pub(super) key: Option<u64>,
    /// Which attempt is the next, from 1.
    pub(super) attempt: u32,
    /// When its first attempt began, as far as it has failed.
    pub(super) since: Option<Instant>,
    /// What is still to be written, where it is not handled again.
    pub(super) rest: Option<Rest>,
    /// The epoch of the lane in which it was handed out.
    pub(super) epoch: u64,
}

/// What is still to be written for a message that is not handled again.
pub(crate) enum Rest {
    Answer(Box<Handled>),
    Letter(Box<Letter>),
}

/// A message that was handled and is to be answered.
pub(crate) struct Handled {
    /// The verb that its method called last.
    pub(super) called: Called,
    pub(super) replies: Box<Replies>,
}

impl Item {
    /// Copies the message where it still shares a batch: what waits for long must not keep all of that.
    pub(super) fn detach(&mut self, topic: &Arc<str>) {
        if let Some(message) = self.held.message() {
            self.held = Held::Owned(Box::new(message.to_owned_parts_of(Arc::clone(topic))));
        }
    }
}

/// Tells keys apart. Two that collide are only kept in order with each other.
#[derive(Default)]
pub(super) struct Keys(RandomState);

impl Keys {
    /// Messages without a key are in order with each other.
    pub(super) fn of(&self, message: &Message) -> u64 {
        message.key().map_or(0, |key| self.0.hash_one(key))
    }
}

/// How many bytes of a message count.
pub(super) fn size(message: &Message) -> usize {
    message.payload().map_or(0, <[u8]>::len) + message.key().map_or(0, <[u8]>::len)
}
