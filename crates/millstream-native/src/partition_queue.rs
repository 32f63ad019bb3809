//! The queue of one assigned partition.

use std::ffi::CString;
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use rdkafka_sys::bindings as sys;

use crate::batch::Batch;
use crate::code::Code;
use crate::error::NativeError;
use crate::handle::Handle;
use crate::raw;
use crate::wake::{WakeSlot, Waker};

/// The messages of one partition, apart from all others; made by
/// [`Client::partition_queue`](crate::Client::partition_queue).
///
/// It keeps the client alive. Dropping it stops the waking; what was not taken stays in librdkafka, which stops
/// fetching the partition when its limits are reached, until a new queue of the partition takes over or it is
/// unassigned.
pub struct PartitionQueue {
    queue: NonNull<sys::rd_kafka_queue_t>,
    slot: Arc<WakeSlot>,
    generation: u64,
    topic: CString,
    partition: i32,
    /// Last, so that the client outlives the queue.
    handle: Arc<Handle>,
}

// SAFETY: a queue object may be used from any thread; batch calls on it go through the gate.
unsafe impl Send for PartitionQueue {}
// SAFETY: as above.
unsafe impl Sync for PartitionQueue {}

impl PartitionQueue {
    pub(crate) fn split(
        handle: &Arc<Handle>,
        topic: &str,
        partition: i32,
        wake: Waker,
    ) -> Result<PartitionQueue, NativeError> {
        let name = raw::to_c("topic", topic)?;
        let slot = handle.slot(name.clone(), partition);
        // SAFETY: live client and name; the reference becomes ours.
        let queue = unsafe { sys::rd_kafka_queue_get_partition(handle.client(), name.as_ptr(), partition) };
        let Some(queue) = NonNull::new(queue) else {
            let reason = format!(
                "there is no queue for {topic}/{partition}: the client is not a consumer or the name is not legal"
            );
            return Err(NativeError::new(Code::UNKNOWN_PARTITION, reason));
        };
        let generation = slot.set(wake);
        // SAFETY: a live queue of the live client; the handle keeps the slot until after the client. Forwarding to null
        // marks the queue as the application's, which librdkafka respects when fetching starts.
        unsafe {
            WakeSlot::attach(&slot, queue.as_ptr());
            sys::rd_kafka_queue_forward(queue.as_ptr(), std::ptr::null_mut());
        }
        Ok(PartitionQueue { queue, slot, generation, topic: name, partition, handle: Arc::clone(handle) })
    }

    /// Appends up to `limit` messages to the batch and says how many; never waits for messages.
    ///
    /// librdkafka's own marks (a seek leaves one) may wake the waker with nothing to take.
    ///
    /// Less than `limit` means that the queue was found empty. To sleep without missing a wake-up: note that the waker
    /// must be heard from now on, take once more, and sleep only when that returns 0.
    ///
    /// One lock of the client, no allocation once the batch has grown, no clock of ours, nothing per message. Elements
    /// that carry an [error](crate::Message::is_error) instead of a message count too. On a consumer each call counts
    /// as polling for `max.poll.interval.ms`.
    pub fn take(&self, batch: &mut Batch, limit: usize) -> usize {
        if limit == 0 {
            return 0;
        }
        let room = batch.room(&self.handle, limit);
        let taken = {
            let _gate = self.handle.gate();
            // SAFETY: a live queue; `room` is writable for `limit` pointers; the gate keeps away what librdkafka
            // forbids beside a batch call.
            unsafe { sys::rd_kafka_consume_batch_queue(self.queue.as_ptr(), 0, room, limit) }
        };
        let taken = usize::try_from(taken).unwrap_or(0).min(limit);
        // SAFETY: librdkafka has written `taken` messages into the room, and they are ours.
        unsafe { batch.taken(taken) };
        taken
    }

    /// Takes and frees everything in the queue and says how many messages that were.
    ///
    /// For a partition that was given back: what librdkafka had fetched for it stays in memory until somebody pulls.
    pub fn discard(&self) -> usize {
        let mut batch = Batch::new();
        let mut discarded = 0;
        loop {
            let taken = self.take(&mut batch, 256);
            discarded += taken;
            batch.clear();
            if taken == 0 {
                return discarded;
            }
        }
    }

    /// How many elements wait in the queue, stale ones included; an estimate while librdkafka fetches.
    pub fn waiting(&self) -> usize {
        // SAFETY: a live queue.
        unsafe { sys::rd_kafka_queue_length(self.queue.as_ptr()) }
    }

    /// The partition's number.
    pub fn partition(&self) -> i32 {
        self.partition
    }
}

impl Drop for PartitionQueue {
    fn drop(&mut self) {
        self.slot.clear(self.generation);
        // SAFETY: our reference, used by nobody after this; the client is still alive through `handle`.
        unsafe { sys::rd_kafka_queue_destroy(self.queue.as_ptr()) };
    }
}

impl fmt::Debug for PartitionQueue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PartitionQueue")
            .field("topic", &self.topic)
            .field("partition", &self.partition)
            .finish_non_exhaustive()
    }
}
