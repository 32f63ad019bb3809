//! How a listener tells messages that were handled before.

use super::{DurationOption, Text};
use crate::context::Context;

/// How a listener tells messages that were handled before: by a key of the message, in a store.
///
/// ```
/// use millstream::{IdempotentOption, ListenerOptions};
///
/// let options = ListenerOptions::new()
///     .topic("orders")
///     .idempotent(IdempotentOption::by_field("order.id").ttl("24h").store("orders"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IdempotentOption {
    pub(crate) key: KeyOption,
    pub(crate) ttl: Option<DurationOption>,
    pub(crate) lease: Option<DurationOption>,
    pub(crate) store: Option<Text>,
}

/// Where the key comes from.
#[derive(Clone, Debug)]
pub(crate) enum KeyOption {
    Field(Text),
    Header(Text),
    MessageKey,
    Function(fn(&Context) -> Option<String>),
}

impl PartialEq for KeyOption {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Field(one), Self::Field(other)) | (Self::Header(one), Self::Header(other)) => one == other,
            (Self::MessageKey, Self::MessageKey) => true,
            (Self::Function(one), Self::Function(other)) => std::ptr::fn_addr_eq(*one, *other),
            _ => false,
        }
    }
}

impl IdempotentOption {
    /// By a field of a JSON payload, given by its path: `id`, `order.id`.
    pub fn by_field(path: impl Into<Text>) -> Self {
        Self::by(KeyOption::Field(path.into()))
    }

    /// By the value of a header.
    pub fn by_header(name: impl Into<Text>) -> Self {
        Self::by(KeyOption::Header(name.into()))
    }

    /// By the message's key.
    pub fn by_message_key() -> Self {
        Self::by(KeyOption::MessageKey)
    }

    /// By what a function makes of the message; `None` is a message without a key, which fails for good.
    pub fn by_function(function: fn(&Context) -> Option<String>) -> Self {
        Self::by(KeyOption::Function(function))
    }

    fn by(key: KeyOption) -> Self {
        Self { key, ttl: None, lease: None, store: None }
    }

    /// How long a handled key is remembered; not set, `"24h"`.
    #[must_use]
    pub fn ttl(mut self, ttl: impl Into<DurationOption>) -> Self {
        self.ttl = Some(ttl.into());
        self
    }

    /// How long a key counts as being handled when nobody says that it ended; not set, `"5m"`.
    #[must_use]
    pub fn lease(mut self, lease: impl Into<DurationOption>) -> Self {
        self.lease = Some(lease.into());
        self
    }

    /// The store: `memory`, which is the default, or one of `[kafka.idempotency]`.
    #[must_use]
    pub fn store(mut self, store: impl Into<Text>) -> Self {
        self.store = Some(store.into());
        self
    }
}
