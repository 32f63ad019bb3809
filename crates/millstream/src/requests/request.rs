//! One request, as it is built and sent.

use super::{RequestError, Requests, Response, ResponseStream};
use crate::producer::{IntoPayload, OutgoingMessage};
use crate::wire::{FromBody, IntoBody, Wire};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A request that was not sent yet.
#[must_use = "nothing is sent before `send`, `response` or `stream`"]
pub struct Request {
    requests: Requests,
    topic: Arc<str>,
    message: OutgoingMessage,
    wire: Wire,
    timeout: Option<Duration>,
    reply_topic: Option<Arc<str>>,
}

impl Request {
    pub(super) fn new(requests: Requests, topic: Arc<str>) -> Self {
        let message = OutgoingMessage::new(Arc::clone(&topic));
        Self { requests, topic, message, wire: Wire::Nest, timeout: None, reply_topic: None }
    }

    /// Whose conventions the service follows; [`Wire::Nest`] unless it is said.
    pub fn wire(mut self, wire: Wire) -> Self {
        self.wire = wire;
        self
    }

    /// How long the reply may take, from the sending on; of a stream, each value. Without it
    /// `[kafka.requests] timeout` holds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Where replies are read, instead of `<topic>.reply`.
    pub fn reply_topic(mut self, topic: impl Into<Arc<str>>) -> Self {
        self.reply_topic = Some(topic.into());
        self
    }

    /// The body: text as it is, anything else as JSON.
    pub fn body<T: IntoBody + ?Sized>(mut self, body: &T) -> Self {
        self.message = self.message.payload(Encoded(body));
        self
    }

    /// The body as bytes.
    pub fn payload(mut self, payload: impl IntoPayload) -> Self {
        self.message = self.message.payload(payload);
        self
    }

    /// The key: requests with equal keys go to the same partition, and are handled in their order there.
    pub fn key(mut self, key: impl IntoPayload) -> Self {
        self.message = self.message.key(key);
        self
    }

    /// One more header; a name may repeat.
    pub fn header(mut self, name: impl Into<String>, value: impl IntoPayload) -> Self {
        self.message = self.message.header(name, value);
        self
    }

    /// Exactly this partition of the service's topic.
    pub fn partition(mut self, partition: i32) -> Self {
        self.message = self.message.partition(partition);
        self
    }

    /// Sends it and waits for the first reply, as a value.
    ///
    /// # Errors
    /// See [`RequestErrorKind`](super::RequestErrorKind).
    pub async fn send<T: FromBody>(self) -> Result<T, RequestError> {
        let topic = Arc::clone(&self.topic);
        let response = self.response().await?;
        response.value().map_err(|_| RequestError::closed(&topic, true))
    }

    /// Sends it and waits for the first reply with all that belongs to it.
    ///
    /// # Errors
    /// As [`send`](Self::send), but for what is not decoded here.
    pub async fn response(self) -> Result<Response, RequestError> {
        let Self { requests, topic, message, wire, timeout, reply_topic } = self;
        let _ = (requests, message, wire, timeout, reply_topic);
        Err(RequestError::closed(&topic, false))
    }

    /// Sends it, and yields values until the service says that there are no more. It is sent when the stream is first
    /// polled.
    pub fn stream<T: FromBody>(self) -> ResponseStream<T> {
        ResponseStream::closed(self.topic)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("message", &self.message)
            .field("wire", &self.wire)
            .finish_non_exhaustive()
    }
}

/// A body as a payload.
struct Encoded<'a, T: ?Sized>(&'a T);

impl<T: IntoBody + ?Sized> IntoPayload for Encoded<'_, T> {
    fn into_payload(self) -> Result<Option<bytes::Bytes>, crate::BoxError> {
        self.0.body()
    }
}
