//! What can go wrong between here and librdkafka.

use std::fmt;

use rdkafka_sys::bindings as sys;

use crate::code::Code;
use crate::properties::PropertyError;
use crate::raw;

/// An error reported by librdkafka or by a broker through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeError {
    /// The code to decide on. For a fatal error it is the cause ([`Code::FENCED_INSTANCE_ID`]), not [`Code::FATAL`].
    pub code: Code,
    /// librdkafka's own words, or ours where the call was refused before it reached librdkafka.
    pub reason: String,
    /// The client can do nothing more: it must be destroyed and made anew.
    pub fatal: bool,
    /// The same call may succeed later with nothing changed.
    pub retriable: bool,
}

impl NativeError {
    /// An error with a code and words of our own; retriable as the code says.
    pub fn new(code: Code, reason: impl Into<String>) -> NativeError {
        NativeError { code, reason: reason.into(), fatal: false, retriable: code.is_retriable() }
    }

    pub(crate) fn from_code(code: Code) -> NativeError {
        NativeError::new(code, code.to_string())
    }

    /// A code returned by C, as a result.
    pub(crate) fn check(number: i32) -> Result<(), NativeError> {
        match Code::from_number(number).to_error() {
            None => Ok(()),
            Some(code) => Err(NativeError::from_code(code)),
        }
    }

    /// Takes over an error object of librdkafka; null is success.
    ///
    /// # Safety
    ///
    /// `error` is null or an error object that the caller owns; it is destroyed here.
    pub(crate) unsafe fn check_object(error: *mut sys::rd_kafka_error_t) -> Result<(), NativeError> {
        if error.is_null() {
            return Ok(());
        }
        // SAFETY: a live error object by this function's contract.
        let taken = unsafe { NativeError::read_object(error) };
        // SAFETY: the caller gave it to us and nobody reads it after this line.
        unsafe { sys::rd_kafka_error_destroy(error) };
        Err(taken)
    }

    /// Reads an error object of librdkafka and leaves it alone.
    ///
    /// # Safety
    ///
    /// `error` is a live error object.
    pub(crate) unsafe fn read_object(error: *const sys::rd_kafka_error_t) -> NativeError {
        // SAFETY: a live error object by this function's contract; the string lives as long as the object.
        unsafe {
            let code = Code::from_number(raw::rd_kafka_error_code(error));
            NativeError {
                code,
                reason: raw::text(sys::rd_kafka_error_string(error)).into_owned(),
                fatal: sys::rd_kafka_error_is_fatal(error) != 0,
                retriable: sys::rd_kafka_error_is_retriable(error) != 0 || code.is_retriable(),
            }
        }
    }
}

impl fmt::Display for NativeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fatal {
            formatter.write_str("fatal: ")?;
        }
        formatter.write_str(&self.reason)?;
        if self.reason != self.code.to_string() {
            write!(formatter, " ({:?})", self.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for NativeError {}

/// Why a client could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateError {
    /// Properties that librdkafka does not know or whose values it refuses; all of them.
    Properties(Vec<PropertyError>),
    /// librdkafka refuses the properties taken together, or could not start; its own words.
    Refused(String),
}

impl fmt::Display for CreateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CreateError::Refused(reason) => write!(formatter, "librdkafka refuses to make the client: {reason}"),
            CreateError::Properties(problems) => {
                for (index, problem) in problems.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str("; ")?;
                    }
                    problem.fmt(formatter)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for CreateError {}
