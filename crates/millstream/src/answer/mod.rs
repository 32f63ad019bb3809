//! What a listener answers with.

mod address;
mod replies;
mod reply;
mod returned;
#[cfg(test)]
mod tests;

pub(crate) use address::Address;
pub(crate) use replies::{GivenUp, Replies};
pub use reply::Reply;
pub use returned::{AnswerValue, IntoAnswer};

use crate::error::{BoxError, Error};
use crate::trace::TraceContext;
use bytes::Bytes;
use futures_util::Stream;
use serde_json::Value;
use std::fmt;
use std::pin::Pin;

/// What a handler leaves in its context to be sent, with its type erased: each value is bytes already.
pub struct Answer {
    pub(crate) key: Option<Bytes>,
    pub(crate) headers: Vec<(String, Option<Bytes>)>,
    pub(crate) content: Content,
    /// The first thing that could not be written as bytes, and why.
    pub(crate) malformed: Option<(&'static str, BoxError)>,
    /// The trace that the method ran in.
    pub(crate) trace: Option<TraceContext>,
}

/// Values as they come.
pub(crate) type Values = Pin<Box<dyn Stream<Item = Result<Option<Bytes>, Error>> + Send>>;

pub(crate) enum Content {
    /// One value.
    Value(Option<Bytes>),
    /// Several, one after the other.
    Values(Values),
    /// A refusal: `{status, message}` and what belongs to it.
    Refusal(Value),
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Key, payload and header values may be secret.
        let content = match &self.content {
            Content::Value(_) => "one value",
            Content::Values(_) => "a stream",
            Content::Refusal(_) => "a refusal",
        };
        write!(formatter, "Answer({content})")
    }
}
