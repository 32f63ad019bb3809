//! Why a request was not answered.

use crate::producer::SendError;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Why a request brought no value.
pub struct RequestError {
    inner: Box<Inner>,
}

struct Inner {
    kind: RequestErrorKind,
    topic: Arc<str>,
    message: String,
    may_have_been_handled: bool,
    remote: Option<RemoteError>,
    source: Option<SendError>,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestErrorKind {
    /// No reply came in time: the service may be slow, down, or have handled the request without its reply arriving.
    TimedOut,
    /// The service answered with an error: [`RequestError::remote`].
    Refused,
    /// The request could not be sent, or the reply topic not be read.
    NotSent,
    /// A reply came and is not what was expected.
    NotDecoded,
    /// More values came than could be kept for who reads the stream too slowly.
    Overrun,
    /// The application ends.
    ShuttingDown,
}

/// The error that a service answered with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RemoteError {
    /// `status` of the error object: `"error"` where the service said nothing else.
    pub status: String,
    /// `message` of the error object, or the text that the error is.
    pub message: String,
    /// `kind` of the error object, which Millstream's services add: `terminal`, `error`, `timeout`, `panic`, `extract`.
    pub kind: Option<String>,
    /// The whole as it came.
    pub raw: Value,
}

impl RequestError {
    /// What kind of failure it was.
    pub fn kind(&self) -> RequestErrorKind {
        self.inner.kind
    }

    /// The topic of the request.
    pub fn topic(&self) -> &str {
        &self.inner.topic
    }

    /// Whether the service may have handled the request, so that asking again may do it twice. A request is never sent
    /// twice by itself.
    pub fn may_have_been_handled(&self) -> bool {
        self.inner.may_have_been_handled
    }

    /// The error that the service answered with.
    pub fn remote(&self) -> Option<&RemoteError> {
        self.inner.remote.as_ref()
    }

    pub(super) fn closed(topic: &Arc<str>, sent: bool) -> Self {
        let message = "the application is shutting down".to_owned();
        Self::new(RequestErrorKind::ShuttingDown, topic, message, sent)
    }

    fn new(kind: RequestErrorKind, topic: &Arc<str>, message: String, may_have_been_handled: bool) -> Self {
        let topic = Arc::clone(topic);
        Self { inner: Box::new(Inner { kind, topic, message, may_have_been_handled, remote: None, source: None }) }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "request to {}: {}", self.inner.topic, self.inner.message)
    }
}

impl fmt::Debug for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RequestError({:?}: {self})", self.inner.kind)
    }
}

impl std::error::Error for RequestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_ref().map(|source| source as _)
    }
}
