//! A configuration being filled.

use std::ffi::{CString, c_char, c_int};
use std::ptr::NonNull;

use rdkafka_sys::bindings as sys;

use super::{PropertyError, PropertyProblem, is_secret, nearest};
use crate::error::CreateError;
use crate::raw;

/// A configuration of librdkafka; freed on drop unless a client has taken it.
pub(crate) struct Configuration(*mut sys::rd_kafka_conf_t);

impl Configuration {
    pub(crate) fn new() -> Configuration {
        // SAFETY: no arguments. Never null: librdkafka aborts when it gets no memory.
        Configuration(unsafe { sys::rd_kafka_conf_new() })
    }

    pub(crate) fn as_ptr(&self) -> *mut sys::rd_kafka_conf_t {
        self.0
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), PropertyError> {
        let refused = |problem| PropertyError { name: name.to_owned(), problem };
        let (Ok(c_name), Ok(c_value)) = (CString::new(name), CString::new(value)) else {
            return Err(refused(PropertyProblem::Refused("its name or value contains a zero byte; remove it".into())));
        };
        let mut buffer = [0_u8; 512];
        // SAFETY: a live configuration, terminated strings, and a writable buffer with its size.
        let result = unsafe {
            let text = buffer.as_mut_ptr().cast::<c_char>();
            sys::rd_kafka_conf_set(self.as_ptr(), c_name.as_ptr(), c_value.as_ptr(), text, buffer.len())
        };
        match result {
            sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK => Ok(()),
            sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_UNKNOWN => {
                Err(refused(PropertyProblem::Unknown { nearest: nearest(name).map(str::to_owned) }))
            }
            sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_INVALID if is_secret(name) => {
                Err(refused(PropertyProblem::Refused("librdkafka refuses the value".into())))
            }
            sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_INVALID => {
                Err(refused(PropertyProblem::Refused(raw::buffer_text(&buffer))))
            }
        }
    }

    pub(crate) fn set_events(&self, events: c_int) {
        // SAFETY: a live configuration.
        unsafe { sys::rd_kafka_conf_set_events(self.as_ptr(), events) };
    }

    /// Makes the client, which takes the configuration over.
    pub(crate) fn into_client(self, kind: sys::rd_kafka_type_t) -> Result<NonNull<sys::rd_kafka_t>, CreateError> {
        let mut buffer = [0_u8; 512];
        // SAFETY: a live configuration, and a writable buffer with its size. It is taken over only on success.
        let client =
            unsafe { sys::rd_kafka_new(kind, self.as_ptr(), buffer.as_mut_ptr().cast::<c_char>(), buffer.len()) };
        let client = NonNull::new(client).ok_or_else(|| CreateError::Refused(raw::buffer_text(&buffer)))?;
        std::mem::forget(self);
        Ok(client)
    }
}

impl Drop for Configuration {
    fn drop(&mut self) {
        // SAFETY: ours, and used by nobody after this.
        unsafe { sys::rd_kafka_conf_destroy(self.as_ptr()) };
    }
}
