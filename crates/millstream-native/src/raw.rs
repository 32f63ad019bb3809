//! What is read from C more carefully than the generated bindings do, and strings across the border.

use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char, c_int};

use rdkafka_sys::bindings::{
    rd_kafka_ConfigEntry_t, rd_kafka_ConfigResource_t, rd_kafka_error_t, rd_kafka_event_t, rd_kafka_headers_t,
    rd_kafka_message_t, rd_kafka_metadata_t, rd_kafka_mock_cluster_t, rd_kafka_t, rd_kafka_topic_partition_list_t,
    rd_kafka_topic_result_t, rd_kafka_topic_t,
};

use crate::code::Code;
use crate::error::NativeError;

// The bindings return error codes as a Rust enum, but brokers send numbers of their own choice, and a number outside
// the enum would be undefined behaviour. These declarations are the same functions with the code as the integer that it
// is.
unsafe extern "C" {
    pub(crate) fn rd_kafka_err2str(code: c_int) -> *const c_char;
    pub(crate) fn rd_kafka_err2name(code: c_int) -> *const c_char;
    pub(crate) fn rd_kafka_error_code(error: *const rd_kafka_error_t) -> c_int;
    pub(crate) fn rd_kafka_event_error(event: *mut rd_kafka_event_t) -> c_int;
    pub(crate) fn rd_kafka_fatal_error(client: *mut rd_kafka_t, text: *mut c_char, size: usize) -> c_int;
    pub(crate) fn rd_kafka_subscribe(client: *mut rd_kafka_t, topics: *const rd_kafka_topic_partition_list_t) -> c_int;
    pub(crate) fn rd_kafka_unsubscribe(client: *mut rd_kafka_t) -> c_int;
    pub(crate) fn rd_kafka_assign(client: *mut rd_kafka_t, partitions: *const rd_kafka_topic_partition_list_t)
    -> c_int;
    pub(crate) fn rd_kafka_message_headers(
        message: *const rd_kafka_message_t,
        headers: *mut *mut rd_kafka_headers_t,
    ) -> c_int;
    pub(crate) fn rd_kafka_query_watermark_offsets(
        client: *mut rd_kafka_t,
        topic: *const c_char,
        partition: i32,
        low: *mut i64,
        high: *mut i64,
        timeout: c_int,
    ) -> c_int;
    pub(crate) fn rd_kafka_metadata(
        client: *mut rd_kafka_t,
        all_topics: c_int,
        only: *mut rd_kafka_topic_t,
        metadata: *mut *const rd_kafka_metadata_t,
        timeout: c_int,
    ) -> c_int;
    pub(crate) fn rd_kafka_last_error() -> c_int;
    pub(crate) fn rd_kafka_topic_result_error(topic: *const rd_kafka_topic_result_t) -> c_int;
    pub(crate) fn rd_kafka_ConfigResource_error(resource: *const rd_kafka_ConfigResource_t) -> c_int;
    pub(crate) fn rd_kafka_ConfigEntry_source(entry: *const rd_kafka_ConfigEntry_t) -> c_int;
    pub(crate) fn rd_kafka_purge(client: *mut rd_kafka_t, flags: c_int) -> c_int;
    pub(crate) fn rd_kafka_message_status(message: *const rd_kafka_message_t) -> c_int;
    pub(crate) fn rd_kafka_mock_push_request_errors_array(
        cluster: *mut rd_kafka_mock_cluster_t,
        api_key: i16,
        count: usize,
        errors: *const c_int,
    );
}

/// A string for C; fails when it holds a NUL, which no Kafka name does.
pub(crate) fn to_c(what: &str, text: &str) -> Result<CString, NativeError> {
    CString::new(text).map_err(|_| {
        NativeError::new(
            Code::INVALID_ARGUMENT,
            format!("{what} {text:?} contains a zero byte; no name in Kafka does: remove it"),
        )
    })
}

/// What a C string says, with U+FFFD where it is not UTF-8; nothing for a null pointer.
///
/// # Safety
///
/// `text` is null or points to a NUL-terminated string that lives as long as `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Cow<'a, str> {
    if text.is_null() {
        return Cow::Borrowed("");
    }
    // SAFETY: not null, and NUL-terminated for 'a by this function's contract.
    unsafe { CStr::from_ptr(text) }.to_string_lossy()
}

/// The text that a C function left in a buffer of ours.
pub(crate) fn buffer_text(buffer: &[u8]) -> String {
    match CStr::from_bytes_until_nul(buffer) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => String::from_utf8_lossy(buffer).into_owned(),
    }
}

/// Milliseconds for C: never negative, which would mean "for ever".
pub(crate) fn milliseconds(timeout: std::time::Duration) -> c_int {
    c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX)
}
