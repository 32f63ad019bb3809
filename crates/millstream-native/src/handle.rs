//! The native client, shared by everything that must not outlive it.

use std::collections::HashMap;
use std::ffi::CString;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka_sys::bindings as sys;

use crate::raw;
use crate::wake::WakeSlot;

/// One native client with its queues. Destroyed on drop, by a thread of its own.
pub(crate) struct Handle {
    resources: ManuallyDrop<Resources>,
    gate: Mutex<()>,
    live_messages: AtomicUsize,
    destroy_here: bool,
}

pub(crate) struct Resources {
    pub(crate) client: NonNull<sys::rd_kafka_t>,
    pub(crate) main: NonNull<sys::rd_kafka_queue_t>,
    pub(crate) reply: NonNull<sys::rd_kafka_queue_t>,
    pub(crate) wake: Arc<WakeSlot>,
    /// One slot for each partition that ever had a queue of its own: queues of the same partition follow each other.
    pub(crate) partitions: Mutex<HashMap<(CString, i32), Arc<WakeSlot>>>,
}

// SAFETY: librdkafka's client and queue objects may be used from any thread at the same time (INTRODUCTION.md, "Threads
// and callbacks"); what may not run in parallel goes through the gate. The slots are Send and Sync themselves.
unsafe impl Send for Resources {}
// SAFETY: as above.
unsafe impl Sync for Resources {}

impl Resources {
    /// Blocks until librdkafka's threads have ended: about 100 ms, longer while requests are under way.
    fn destroy(self) {
        self.answer_rebalance();
        // SAFETY: all three objects are alive and ours alone: the last owner is being dropped. The queues go first, as
        // they hold references into the client. Nothing may call back after destroy has joined the threads, so the
        // slots, freed after this block, have outlived every callback.
        unsafe {
            sys::rd_kafka_queue_destroy(self.reply.as_ptr());
            sys::rd_kafka_queue_destroy(self.main.as_ptr());
            sys::rd_kafka_destroy_flags(self.client.as_ptr(), sys::RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        }
        drop((self.wake, self.partitions));
    }

    /// Answers a rebalance that nobody has answered, with nothing.
    ///
    /// librdkafka 2.12 waits for ever in destroy for the answer to an assignment: it undoes only an unanswered
    /// revocation (`rd_kafka_cgrp_unassign` leaves the state `WAIT_ASSIGN_CALL` as it is). Which of the two calls fits
    /// depends on the protocol; the other is refused and changes nothing. After a fatal error either does.
    fn answer_rebalance(&self) {
        let client = self.client.as_ptr();
        // SAFETY: the client is alive and ours alone. The list is freed right after, and the error object is ours.
        unsafe {
            if sys::rd_kafka_type(client) != sys::rd_kafka_type_t::RD_KAFKA_CONSUMER
                || sys::rd_kafka_consumer_closed(client) != 0
            {
                return;
            }
            let none = sys::rd_kafka_topic_partition_list_new(0);
            let error = sys::rd_kafka_incremental_assign(client, none);
            if !error.is_null() {
                sys::rd_kafka_error_destroy(error);
                raw::rd_kafka_assign(client, none);
            }
            sys::rd_kafka_topic_partition_list_destroy(none);
        }
    }
}

impl Handle {
    pub(crate) fn new(resources: Resources) -> Handle {
        Handle {
            resources: ManuallyDrop::new(resources),
            gate: Mutex::new(()),
            live_messages: AtomicUsize::new(0),
            destroy_here: false,
        }
    }

    pub(crate) fn client(&self) -> *mut sys::rd_kafka_t {
        self.resources.client.as_ptr()
    }

    pub(crate) fn main(&self) -> *mut sys::rd_kafka_queue_t {
        self.resources.main.as_ptr()
    }

    pub(crate) fn reply(&self) -> *mut sys::rd_kafka_queue_t {
        self.resources.reply.as_ptr()
    }

    /// The slot that wakes whoever reads this partition's queue.
    pub(crate) fn slot(&self, topic: CString, partition: i32) -> Arc<WakeSlot> {
        let mut slots = self.resources.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((topic, partition)).or_insert_with(WakeSlot::new))
    }

    /// Held around everything that librdkafka forbids beside a batch call.
    pub(crate) fn gate(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count_taken(&self, messages: usize) {
        self.live_messages.fetch_add(messages, Ordering::Relaxed);
    }

    pub(crate) fn count_freed(&self, messages: usize) {
        self.live_messages.fetch_sub(messages, Ordering::Release);
    }

    pub(crate) fn live_messages(&self) -> usize {
        self.live_messages.load(Ordering::Acquire)
    }

    /// Destroys the client on this thread.
    pub(crate) fn destroy(mut self) {
        self.destroy_here = true;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: taken once: this is the destructor, and nothing reads `resources` after it.
        let resources = unsafe { ManuallyDrop::take(&mut self.resources) };
        if self.destroy_here {
            resources.destroy();
            return;
        }
        // The caller may be an async worker, which must not block. Should no thread be had, the client is leaked:
        // `ManuallyDrop` keeps the slots of its callbacks alive then.
        let resources = ManuallyDrop::new(resources);
        let _ = std::thread::Builder::new()
            .name("kafka-destroy".into())
            .spawn(move || ManuallyDrop::into_inner(resources).destroy());
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Handle").field("live_messages", &self.live_messages()).finish_non_exhaustive()
    }
}
