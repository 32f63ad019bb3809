//! The way from librdkafka's threads back to ours.

use std::ffi::c_void;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka_sys::bindings as sys;

/// Called when an empty queue gets its first element.
///
/// It runs on one of librdkafka's threads and *under the queue's lock*: it may set a flag or wake a task, nothing else.
/// Calling back into the client deadlocks. A panic in it is swallowed.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The stable address that a queue's callback is given; whom it wakes can change.
///
/// librdkafka may keep calling a queue's callback as long as the client lives, so slots are freed only after the
/// client.
pub(crate) struct WakeSlot {
    waker: Mutex<Current>,
}

struct Current {
    generation: u64,
    waker: Option<Waker>,
}

impl WakeSlot {
    pub(crate) fn new() -> Arc<WakeSlot> {
        Arc::new(WakeSlot { waker: Mutex::new(Current { generation: 0, waker: None }) })
    }

    /// Wakes this one from now on and says under which generation it stands.
    pub(crate) fn set(&self, waker: Waker) -> u64 {
        let mut current = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        current.generation += 1;
        let old = current.waker.replace(waker);
        let generation = current.generation;
        drop(current);
        // Its destructor is somebody else's code: not under our lock.
        drop(old);
        generation
    }

    /// Wakes nobody from now on, unless a later `set` has taken over.
    pub(crate) fn clear(&self, generation: u64) {
        let mut current = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        let old = if current.generation == generation { current.waker.take() } else { None };
        drop(current);
        drop(old);
    }

    fn wake(&self) {
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).waker.clone();
        if let Some(waker) = waker {
            // A panic must not cross into C; the waker has nothing that a panic could leave half done for us.
            let _ = catch_unwind(AssertUnwindSafe(move || waker()));
        }
    }

    /// Lets a queue wake this slot.
    ///
    /// # Safety
    ///
    /// `queue` is a live queue, and the slot outlives the client that the queue belongs to.
    pub(crate) unsafe fn attach(slot: &Arc<WakeSlot>, queue: *mut sys::rd_kafka_queue_t) {
        // SAFETY: the queue lives by contract; the callback only reads the slot, which outlives the client.
        unsafe { sys::rd_kafka_queue_cb_event_enable(queue, Some(on_event), Arc::as_ptr(slot).cast_mut().cast()) };
    }
}

impl fmt::Debug for WakeSlot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WakeSlot").finish_non_exhaustive()
    }
}

unsafe extern "C" fn on_event(_client: *mut sys::rd_kafka_t, slot: *mut c_void) {
    // SAFETY: `attach` gave this address and guarantees that the slot outlives the client, hence this call.
    unsafe { &*slot.cast_const().cast::<WakeSlot>() }.wake();
}
