//! A message on its way into librdkafka's queue.

use std::ffi::{CString, c_void};

use rdkafka_sys::bindings as sys;

use crate::error::NativeError;
use crate::raw;

/// A message to be written; see [`Client::produce`](crate::Client::produce).
#[derive(Clone, Copy, Default)]
pub struct Record<'a> {
    /// The topic.
    pub topic: &'a str,
    /// The partition; `None` leaves the choice to the property `partitioner`.
    pub partition: Option<i32>,
    /// The key; `None` is a null key.
    pub key: Option<&'a [u8]>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<&'a [u8]>,
    /// The headers in their order; a name may repeat, `None` is a null value.
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
    /// Milliseconds since 1970; `None` is now.
    pub timestamp: Option<i64>,
}

impl<'a> Record<'a> {
    /// A record for this topic with nothing in it yet.
    pub fn to(topic: &'a str) -> Record<'a> {
        Record { topic, ..Record::default() }
    }

    /// Puts the record into the client's queue; its content is copied.
    ///
    /// # Safety
    ///
    /// `client` is a live producer whose delivery reports take `opaque` for what it is.
    pub(crate) unsafe fn enqueue(&self, client: *mut sys::rd_kafka_t, opaque: *mut c_void) -> Result<(), NativeError> {
        let topic = raw::to_c("topic", self.topic)?;
        let names: Vec<CString> =
            self.headers.iter().map(|(name, _)| raw::to_c("header", name)).collect::<Result<_, _>>()?;
        let mut parts = Vec::with_capacity(7 + names.len());
        parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_TOPIC, Value { cstr: topic.as_ptr() }));
        parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_PARTITION, Value { i32_: self.partition.unwrap_or(-1) }));
        parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_VALUE, Value { mem: memory(self.payload) }));
        parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_KEY, Value { mem: memory(self.key) }));
        parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_MSGFLAGS, Value { i: sys::RD_KAFKA_MSG_F_COPY }));
        parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_TIMESTAMP, Value { i64_: self.timestamp.unwrap_or(0) }));
        parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_OPAQUE, Value { ptr: opaque }));
        for ((_, value), name) in self.headers.iter().zip(&names) {
            let header = sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_2 {
                name: name.as_ptr(),
                val: value.map_or(std::ptr::null(), |value| value.as_ptr().cast()),
                size: value.map_or(0, |value| isize::try_from(value.len()).unwrap_or(0)),
            };
            parts.push(part(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_HEADER, Value { header }));
        }
        // SAFETY: a live producer by contract; every part points to memory that outlives the call and is copied by it.
        unsafe { NativeError::check_object(sys::rd_kafka_produceva(client, parts.as_ptr(), parts.len())) }
    }
}

impl std::fmt::Debug for Record<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Payload, key and header values may be secret: lengths and names only.
        formatter
            .debug_struct("Record")
            .field("topic", &self.topic)
            .field("partition", &self.partition)
            .field("key_length", &self.key.map(<[u8]>::len))
            .field("payload_length", &self.payload.map(<[u8]>::len))
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("timestamp", &self.timestamp)
            .finish()
    }
}

use sys::rd_kafka_vu_s__bindgen_ty_1 as Value;

fn part(vtype: sys::rd_kafka_vtype_t, u: Value) -> sys::rd_kafka_vu_t {
    sys::rd_kafka_vu_t { vtype, u }
}

fn memory(bytes: Option<&[u8]>) -> sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
    sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
        ptr: bytes.map_or(std::ptr::null_mut(), |bytes| bytes.as_ptr().cast_mut().cast()),
        size: bytes.map_or(0, <[u8]>::len),
    }
}
