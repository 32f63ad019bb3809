//! The headers of a message.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use rdkafka_sys::bindings as sys;

use crate::message::bytes;
use crate::raw;

/// The headers of a message in their order: an iterator of names and values. A name may repeat; a value may be null.
///
/// Kafka does not make names UTF-8, so iterating skips the headers whose name is not; [`raw`](Headers::raw) gives them
/// all as bytes.
#[derive(Clone)]
pub struct Headers<'a> {
    list: *const sys::rd_kafka_headers_t,
    index: usize,
    message: PhantomData<&'a ()>,
}

// SAFETY: the list belongs to the message and is not written after it was parsed, which happened before this value was
// made.
unsafe impl Send for Headers<'_> {}
// SAFETY: as above.
unsafe impl Sync for Headers<'_> {}

/// librdkafka parses headers at the first call, into the message. Two readers of one message must not do that at the
/// same time; several locks, so that readers of different messages rarely meet.
static PARSING: [Mutex<()>; 16] = [const { Mutex::new(()) }; 16];

impl<'a> Headers<'a> {
    pub(crate) fn none() -> Headers<'a> {
        Headers { list: std::ptr::null(), index: 0, message: PhantomData }
    }

    /// # Safety
    ///
    /// `message` is a live consumed message without an error, and lives for `'a`.
    pub(crate) unsafe fn of(message: *const sys::rd_kafka_message_t) -> Headers<'a> {
        let mut list = std::ptr::null_mut();
        let stripe = PARSING.get((message.addr() >> 7) % PARSING.len());
        let parsing = stripe.map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner));
        // SAFETY: a live message by contract and a writable target; the lock keeps other readers out.
        let code = unsafe { raw::rd_kafka_message_headers(message, &raw mut list) };
        drop(parsing);
        // "No entry" is a message without headers. Headers that librdkafka cannot parse are treated alike: the broker
        // has checked the batch, and there is nothing to show.
        let list = if code == 0 { list.cast_const() } else { std::ptr::null() };
        Headers { list, index: 0, message: PhantomData }
    }

    /// How many headers there are, also those whose name is not UTF-8.
    pub fn count_all(&self) -> usize {
        if self.list.is_null() {
            return 0;
        }
        // SAFETY: a live list for 'a.
        unsafe { sys::rd_kafka_header_cnt(self.list) }
    }

    /// The value of the last header with this name, as Kafka's own clients read it; `Some(None)` when its value is
    /// null.
    pub fn value_of(&self, name: &str) -> Option<Option<&'a [u8]>> {
        self.raw().filter(|(candidate, _)| *candidate == name.as_bytes()).last().map(|(_, value)| value)
    }

    /// All headers from the first, with their names as bytes.
    pub fn raw(&self) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        let mut index = 0;
        let headers = self.clone();
        std::iter::from_fn(move || {
            let found = headers.at(index);
            index += 1;
            found
        })
    }

    fn at(&self, index: usize) -> Option<(&'a [u8], Option<&'a [u8]>)> {
        if self.list.is_null() {
            return None;
        }
        let (mut name, mut value, mut size) = (std::ptr::null(), std::ptr::null(), 0);
        // SAFETY: a live list for 'a and writable targets; beyond the end it answers an error. Name and value belong to
        // the list; the name is terminated.
        unsafe {
            let code =
                sys::rd_kafka_header_get_all(self.list, index, &raw mut name, &raw mut value, &raw mut size) as i32;
            if code != 0 || name.is_null() {
                return None;
            }
            Some((std::ffi::CStr::from_ptr(name).to_bytes(), bytes(value.cast(), size)))
        }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (name, value) = self.at(self.index)?;
            self.index += 1;
            if let Ok(name) = std::str::from_utf8(name) {
                return Some((name, value));
            }
        }
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: a value may be secret.
        formatter.debug_list().entries(self.clone().map(|(name, _)| name)).finish()
    }
}
