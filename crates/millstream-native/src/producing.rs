//! Writing messages: they are queued at once, and what became of them comes as events.

use rdkafka_sys::bindings as sys;

use crate::client::Client;
use crate::code::Code;
use crate::error::NativeError;
use crate::event::NativeEvent;
use crate::raw;
use crate::record::Record;

// A ticket travels through librdkafka as a pointer.
const _: () = assert!(size_of::<usize>() >= size_of::<u64>(), "tickets need a 64-bit target");

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The number given to [`Client::produce`].
    pub ticket: u64,
    /// The partition that was chosen; negative while none was.
    pub partition: i32,
    /// Where it stands; `None` where that is not known.
    pub offset: Option<i64>,
    /// Milliseconds since 1970, as the broker keeps them; `None` where that is not known.
    pub timestamp: Option<i64>,
    /// Why it was not acknowledged.
    pub error: Option<NativeError>,
    /// Whether the broker has it.
    pub persisted: Persisted,
}

/// Whether a broker has a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persisted {
    /// It has not: the message never left, or was refused.
    No,
    /// Nobody knows: it left, and no answer came.
    Possibly,
    /// It has.
    Yes,
}

impl Client {
    /// Puts a message into the queue, its content copied; what becomes of it is told by
    /// [`Event::Delivered`](crate::Event::Delivered) with the same ticket, exactly once, unless the client is destroyed
    /// before. Never blocks.
    ///
    /// # Errors
    ///
    /// Then no report follows. [`Code::QUEUE_FULL`]: the queue's limits (`queue.buffering.max.messages`,
    /// `queue.buffering.max.kbytes`) are reached, try again after a report. [`Code::MSG_SIZE_TOO_LARGE`]: larger than
    /// `message.max.bytes`. [`Code::UNKNOWN_PARTITION`] and [`Code::UNKNOWN_TOPIC`] where that is known already.
    /// [`Code::FATAL`] after a fatal error. [`Code::INVALID_ARGUMENT`] on a malformed name or a client that is a group
    /// member.
    pub fn produce(&self, record: &Record<'_>, ticket: u64) -> Result<(), NativeError> {
        // SAFETY: a live client.
        if unsafe { sys::rd_kafka_type(self.raw()) } != sys::rd_kafka_type_t::RD_KAFKA_PRODUCER {
            let reason = "a group member cannot write messages; make a client with `Client::producer`";
            return Err(NativeError::new(Code::INVALID_ARGUMENT, reason));
        }
        #[allow(clippy::cast_possible_truncation, reason = "asserted above: an address holds it")]
        let opaque = std::ptr::without_provenance_mut(ticket as usize);
        // SAFETY: a live producer, whose reports are read by `reports`: it takes the opaque for a number.
        unsafe { record.enqueue(self.raw(), opaque) }
    }

    /// How many messages and requests are queued, under way, or reported and not yet [polled](Client::poll).
    pub fn queued(&self) -> usize {
        // SAFETY: a live client.
        usize::try_from(unsafe { sys::rd_kafka_outq_len(self.raw()) }).unwrap_or(0)
    }

    /// Gives up everything that is queued or under way: each message is reported with [`Code::PURGE_QUEUE`] (it never
    /// left) or [`Code::PURGE_INFLIGHT`] (nobody knows). Does not block.
    pub fn purge(&self) {
        let flags = sys::RD_KAFKA_PURGE_F_QUEUE | sys::RD_KAFKA_PURGE_F_INFLIGHT | sys::RD_KAFKA_PURGE_F_NON_BLOCKING;
        // SAFETY: a live client; on a group member it is refused and changes nothing.
        unsafe { raw::rd_kafka_purge(self.raw(), flags) };
    }
}

/// The reports of one event.
pub(crate) fn reports(event: &NativeEvent) -> Vec<DeliveryReport> {
    let mut reports = Vec::new();
    loop {
        // SAFETY: a live event of this type; its messages belong to it and are only read.
        let report = unsafe {
            let message = sys::rd_kafka_event_message_next(event.as_ptr());
            if message.is_null() {
                return reports;
            }
            report(message)
        };
        reports.push(report);
    }
}

/// # Safety
///
/// `message` is the live message of a delivery report.
unsafe fn report(message: *const sys::rd_kafka_message_t) -> DeliveryReport {
    let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    // SAFETY: a live message by contract and a writable target. The code is read as an int, since it may come from the
    // broker; the opaque is a number of ours, never a pointer.
    unsafe {
        let code = Code::from_number(std::ptr::addr_of!((*message).err).cast::<i32>().read());
        // In the code's words: `rd_kafka_message_errstr` gives a message that was written its own payload, and what
        // `rd_kafka_message_produce_errstr` points to is freed before the report arrives (librdkafka 2.12).
        let error =
            code.to_error().map(|code| NativeError { fatal: code == Code::FATAL, ..NativeError::from_code(code) });
        let timestamp = sys::rd_kafka_message_timestamp(message, &raw mut kind);
        let persisted = match raw::rd_kafka_message_status(message) {
            0 => Persisted::No,
            2 => Persisted::Yes,
            _ => Persisted::Possibly,
        };
        DeliveryReport {
            ticket: (*message)._private.addr() as u64,
            partition: (*message).partition,
            offset: Some((*message).offset).filter(|offset| *offset >= 0),
            timestamp: Some(timestamp).filter(|timestamp| *timestamp >= 0),
            error,
            persisted,
        }
    }
}
