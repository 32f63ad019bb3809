//! One request, as it is built and sent.

use super::asking::Question;
use super::pending::Wants;
use super::reply::Reply;
use super::{RequestError, Requests, Response, ResponseStream};
use crate::producer::{IntoPayload, OutgoingMessage};
use crate::wire::{Body, FromBody, IntoBody, Wire};
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

/// Longer than anybody waits, and not so long that a clock could not tell when it is over.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A request that was not sent yet: [`Requests::to`].
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
    /// `[kafka.requests] timeout` holds. At most seven days.
    ///
    /// The first request of a reply topic is sent once the topic can be read, which may take so long once more.
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
        self.message = self.message.payload(Body(body));
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

    /// One more header; a name may repeat. Those that make it a request are written by it alone.
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
    /// Dropping the future forgets the request: a reply that comes later is counted and dropped. It does not take back
    /// what was sent.
    ///
    /// # Errors
    /// See [`RequestErrorKind`](super::RequestErrorKind).
    pub async fn send<T: FromBody>(self) -> Result<T, RequestError> {
        let topic = Arc::clone(&self.topic);
        let reply = self.first(Wants::Payload).await?;
        T::from_body(reply.payload.as_deref()).map_err(|error| RequestError::not_decoded(&topic, error))
    }

    /// Sends it and waits for the first reply with all that belongs to it. Cancelling is as for [`send`](Self::send).
    ///
    /// # Errors
    /// As [`send`](Self::send), but for what is not decoded here.
    pub async fn response(self) -> Result<Response, RequestError> {
        let Reply { payload, key, headers, .. } = self.first(Wants::Whole).await?;
        Ok(Response { payload, key, headers })
    }

    /// Sends it, and yields values until the service says that there are no more. It is sent when the stream is first
    /// polled.
    ///
    /// With [`Wire::Spring`] only a Millstream service says so, with one value too: after the one value of a Spring
    /// listener the stream times out. Ask it with [`send`](Self::send).
    pub fn stream<T: FromBody>(self) -> ResponseStream<T> {
        ResponseStream::new(self.question())
    }

    async fn first(self, wants: Wants) -> Result<Reply, RequestError> {
        let topic = Arc::clone(&self.topic);
        let (mut asking, mut timer) = self.question().ask(wants).await?;
        let reply = poll_fn(|task| asking.poll(task, timer.as_mut())).await?;
        asking.answered();
        // Only a stream has an end beside its replies.
        reply.ok_or_else(|| RequestError::closed(&topic, true))
    }

    fn question(self) -> Question {
        let Self { requests, topic, message, wire, timeout, reply_topic } = self;
        let timeout = timeout.unwrap_or(requests.inner.plan.timeout).min(LONGEST);
        Question { requests, topic, message, wire, timeout, reply_topic }
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
