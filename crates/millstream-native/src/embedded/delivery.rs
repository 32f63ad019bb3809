//! What became of the messages that were written.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka_sys::bindings as sys;

use crate::code::Code;
use crate::error::NativeError;

/// Where the broker put a message, or why it did not.
pub(super) type Outcome = Result<(i32, i64), NativeError>;

/// The number under which a message's outcome is awaited; travels through librdkafka as its opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ticket(usize);

impl Ticket {
    pub(super) fn as_opaque(self) -> *mut c_void {
        std::ptr::without_provenance_mut(self.0)
    }
}

/// Outcomes that somebody awaits. One that is awaited no longer is dropped when it comes.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: usize,
    awaited: HashMap<Ticket, Option<Outcome>>,
    outstanding: usize,
}

impl Deliveries {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open(&self) -> Ticket {
        let mut state = self.lock();
        state.next = state.next.wrapping_add(1);
        let ticket = Ticket(state.next);
        state.awaited.insert(ticket, None);
        state.outstanding += 1;
        ticket
    }

    /// The outcome, when it is known; the ticket is closed either way.
    pub(super) fn close(&self, ticket: Ticket) -> Option<Outcome> {
        let mut state = self.lock();
        let outcome = state.awaited.remove(&ticket)?;
        if outcome.is_none() {
            state.outstanding -= 1;
        }
        outcome
    }

    /// Whether an outcome of these is still missing.
    pub(super) fn any_missing(&self, tickets: &[Ticket]) -> bool {
        let state = self.lock();
        state.outstanding > 0 && tickets.iter().any(|ticket| matches!(state.awaited.get(ticket), Some(None)))
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let mut state = self.lock();
        if let Some(place @ None) = state.awaited.get_mut(&ticket) {
            *place = Some(outcome);
            state.outstanding -= 1;
        }
    }
}

/// librdkafka's delivery report.
pub(super) unsafe extern "C" fn on_delivery(
    _client: *mut sys::rd_kafka_t,
    message: *const sys::rd_kafka_message_t,
    deliveries: *mut c_void,
) {
    // SAFETY: librdkafka gives a live message, and the opaque that the cluster registered: its deliveries, which
    // outlive the producer. The code is read as an int, since it may come from the broker.
    let (deliveries, ticket, code, at) = unsafe {
        let deliveries = &*deliveries.cast_const().cast::<Deliveries>();
        let code = Code::from_number(std::ptr::addr_of!((*message).err).cast::<i32>().read());
        (deliveries, Ticket((*message)._private.addr()), code, ((*message).partition, (*message).offset))
    };
    let outcome = match code.to_error() {
        None => Ok(at),
        Some(code) => Err(NativeError::from_code(code)),
    };
    deliveries.settle(ticket, outcome);
}
