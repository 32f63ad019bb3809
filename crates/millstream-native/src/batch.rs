//! Messages taken together.

use std::sync::Arc;

use rdkafka_sys::bindings as sys;

use crate::handle::Handle;
use crate::message::Message;

/// A reused buffer of messages, filled by [`PartitionQueue::take`](crate::PartitionQueue::take).
///
/// Messages are read where they are, by reference, and freed all at once ([`clear`](Batch::clear), drop) or early
/// ([`release`](Batch::release)). While it holds messages the batch keeps their client alive: one shared pointer for
/// all of them. To let several readers share it, put it into an [`Arc`].
///
/// A message pins the whole response that it was fetched with. Copy what is kept for long
/// ([`Message::to_owned_parts`]) and free the rest.
#[derive(Debug, Default)]
pub struct Batch {
    /// `None` where a message has been released.
    messages: Vec<Option<Message>>,
    /// Released and not yet told to the owner: telling costs an atomic operation.
    released: usize,
    /// Messages here that belong to `owner`.
    held: usize,
    owner: Option<Arc<Handle>>,
    /// Other clients whose messages are still here: only when one batch was filled from several clients.
    former: Vec<(Arc<Handle>, usize)>,
}

impl Batch {
    /// An empty batch, with no memory yet.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// An empty batch with memory for this many messages.
    pub fn with_capacity(capacity: usize) -> Batch {
        let mut batch = Batch::new();
        batch.messages.reserve(capacity);
        batch
    }

    /// The message at this index; `None` beyond the end and where it has been released.
    pub fn get(&self, index: usize) -> Option<&Message> {
        self.messages.get(index)?.as_ref()
    }

    /// How many places are filled, released ones included: indices stay as they are until [`clear`](Batch::clear).
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there is no place filled.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The messages that have not been released, front to back, with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Message)> {
        self.messages.iter().enumerate().filter_map(|(index, place)| Some((index, place.as_ref()?)))
    }

    /// Frees one message early; false when it is gone already.
    pub fn release(&mut self, index: usize) -> bool {
        let released = self.messages.get_mut(index).and_then(Option::take).is_some();
        self.released += usize::from(released);
        released
    }

    /// The first place that holds an error instead of a message.
    pub fn first_error(&self) -> Option<usize> {
        self.messages.iter().position(|place| place.as_ref().is_some_and(Message::is_error))
    }

    /// Frees what stands at this index and after it, and removes the places.
    pub fn truncate(&mut self, length: usize) {
        if length == 0 {
            self.clear();
        } else {
            self.released += self.messages.drain(length.min(self.messages.len())..).flatten().count();
        }
    }

    /// Frees the messages before this index and removes their places: what was at `count` is at 0 afterwards.
    pub fn release_front(&mut self, count: usize) {
        let count = count.min(self.messages.len());
        self.released += self.messages.drain(..count).flatten().count();
        if self.messages.is_empty() {
            self.clear();
        }
    }

    /// Frees every message and lets the client go; the memory stays for reuse.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.released = 0;
        if let Some(owner) = self.owner.take() {
            owner.count_freed(self.held);
            self.held = 0;
        }
        for (owner, held) in self.former.drain(..) {
            owner.count_freed(held);
        }
    }

    /// Makes room for `limit` more messages of this client, as the array that librdkafka fills.
    pub(crate) fn room(&mut self, handle: &Arc<Handle>, limit: usize) -> *mut *mut sys::rd_kafka_message_t {
        match &self.owner {
            Some(owner) if Arc::ptr_eq(owner, handle) => {}
            _ => self.change_owner(handle),
        }
        self.messages.reserve(limit);
        // `Message` is transparent over a non-null pointer, so `Option<Message>` is laid out as the pointer itself, which
        // librdkafka never writes as null.
        self.messages.spare_capacity_mut().as_mut_ptr().cast()
    }

    /// Takes over what was written into the room.
    ///
    /// # Safety
    ///
    /// The first `count` pointers of the last `room` hold messages that are ours.
    pub(crate) unsafe fn taken(&mut self, count: usize) {
        // SAFETY: `room` reserved them and they are initialised, by contract.
        unsafe { self.messages.set_len(self.messages.len() + count) };
        // Several clients in one batch: which of them a released message belonged to is not known, so none is told
        // before the batch is cleared. The figure stays too high until then, never too low.
        let freed = if self.former.is_empty() { std::mem::take(&mut self.released).min(self.held) } else { 0 };
        self.held = self.held - freed + count;
        let Some(owner) = &self.owner else { return };
        if count > freed {
            owner.count_taken(count - freed);
        } else if freed > count {
            owner.count_freed(freed - count);
        }
        if self.messages.is_empty() {
            self.clear();
        }
    }

    #[cold]
    fn change_owner(&mut self, handle: &Arc<Handle>) {
        let held = std::mem::take(&mut self.held);
        if let Some(owner) = self.owner.replace(Arc::clone(handle)) {
            self.former.push((owner, held));
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // The messages must go before the client that the other fields keep alive.
        self.clear();
    }
}
