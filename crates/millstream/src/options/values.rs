//! Values that can be written in several ways.

use super::Text;
use std::borrow::Cow;
use std::time::Duration;

/// A duration as text with a unit (`"250ms"`), or as a value.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationOption {
    /// Text that is read at start.
    Text(Text),
    /// A value.
    Value(Duration),
}

impl From<&'static str> for DurationOption {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<Duration> for DurationOption {
    fn from(value: Duration) -> Self {
        Self::Value(value)
    }
}

/// How often a failed message is tried again: a count, or `"forever"`.
#[derive(Clone, Debug, PartialEq)]
pub enum RetriesOption {
    /// At most this many times after the first attempt.
    Count(u32),
    /// A word that is read at start: `"forever"`.
    Text(Text),
}

impl From<u32> for RetriesOption {
    fn from(count: u32) -> Self {
        Self::Count(count)
    }
}

impl From<&'static str> for RetriesOption {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

/// A number of bytes as text with a unit (`"16MiB"`), or as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SizeOption {
    /// Text that is read at start.
    Text(Text),
    /// A number of bytes.
    Bytes(u64),
}

impl From<&'static str> for SizeOption {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<u64> for SizeOption {
    fn from(bytes: u64) -> Self {
        Self::Bytes(bytes)
    }
}
