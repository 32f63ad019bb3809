//! What a client that `#[kafka_client]` makes of a trait is made of.

use crate::producer::{Delivery, IntoPayload, OutgoingMessage, Producer, SendError};
use crate::requests::{Request, RequestError, Requests, Response};
use crate::wire::{Body, FromBody, IntoBody, Wire};
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What a client sends with, and what holds for all of its requests.
#[derive(Clone)]
pub struct TypedClient {
    requests: Arc<Requests>,
    producer: Arc<Producer>,
    terms: Terms,
}

/// What holds for all requests of a client.
#[derive(Clone, Debug, Default, PartialEq)]
struct Terms {
    wire: Wire,
    timeout: Option<Duration>,
    reply_topic: Option<Arc<str>>,
}

impl Terms {
    /// What the configuration says goes before what the attribute says of the whole client.
    fn configured(self, settings: ClientSettings) -> Self {
        Self {
            timeout: settings.timeout.map(|timeout| timeout.0).or(self.timeout),
            reply_topic: settings.reply_topic.map(|topic| topic.0).or(self.reply_topic),
            ..self
        }
    }
}

impl TypedClient {
    /// With these.
    pub fn new(requests: Arc<Requests>, producer: Arc<Producer>) -> Self {
        Self { requests, producer, terms: Terms::default() }
    }

    /// Whose conventions its requests follow.
    #[must_use]
    pub fn wire(mut self, wire: Wire) -> Self {
        self.terms.wire = wire;
        self
    }

    /// How long its replies may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.terms.timeout = Some(timeout);
        self
    }

    /// Where its replies are read.
    #[must_use]
    pub fn reply_topic(mut self, topic: &'static str) -> Self {
        self.terms.reply_topic = Some(topic.into());
        self
    }

    /// With what the configuration says.
    #[must_use]
    pub fn configured(mut self, settings: Option<ClientSettings>) -> Self {
        self.terms = self.terms.configured(settings.unwrap_or_default());
        self
    }

    /// Begins a request.
    pub fn request(&self, topic: &'static str) -> Request {
        let Terms { wire, timeout, reply_topic } = &self.terms;
        let mut request = self.requests.to(topic).wire(*wire);
        if let Some(timeout) = timeout {
            request = request.timeout(*timeout);
        }
        if let Some(topic) = reply_topic {
            request = request.reply_topic(Arc::clone(topic));
        }
        request
    }

    /// Begins an event.
    pub fn event(&self, topic: &'static str) -> TypedEvent<'_> {
        TypedEvent { producer: &self.producer, message: OutgoingMessage::new(topic) }
    }
}

impl fmt::Debug for TypedClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Terms { wire, timeout, reply_topic } = &self.terms;
        formatter
            .debug_struct("Client")
            .field("cluster", &self.producer.cluster())
            .field("wire", wire)
            .field("timeout", timeout)
            .field("reply_topic", reply_topic)
            .finish_non_exhaustive()
    }
}

/// `[kafka.clients.NAME]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    timeout: Option<Timeout>,
    reply_topic: Option<TopicName>,
}

/// More than nothing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "millstream_config::Duration")]
struct Timeout(Duration);

impl TryFrom<millstream_config::Duration> for Timeout {
    type Error = String;

    fn try_from(timeout: millstream_config::Duration) -> Result<Self, String> {
        crate::settings::positive_duration(timeout.get()).map(Self)
    }
}

/// The name of a topic, which follows the broker's rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct TopicName(Arc<str>);

impl TryFrom<String> for TopicName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        crate::settings::topic_name(&name).map(Self)
    }
}

/// An event that was not sent yet, with the methods of a [`Request`].
#[derive(Debug)]
pub struct TypedEvent<'c> {
    producer: &'c Producer,
    message: OutgoingMessage,
}

impl TypedEvent<'_> {
    /// The key.
    #[must_use]
    pub fn key(mut self, key: impl IntoPayload) -> Self {
        self.message = self.message.key(key);
        self
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl IntoPayload) -> Self {
        self.message = self.message.header(name, value);
        self
    }

    /// The body.
    #[must_use]
    pub fn body<T: IntoBody + ?Sized>(mut self, body: &T) -> Self {
        self.message = self.message.payload(Body(body));
        self
    }
}

/// Sends a request and waits for its reply.
pub fn ask<'c, R: FromReply + 'c>(request: Request) -> Pin<Box<dyn Future<Output = R> + Send + 'c>> {
    Box::pin(R::ask(request))
}

/// Sends a request once the stream is polled, and yields its replies.
pub fn ask_for_several<'c, R: FromItem + 'c>(request: Request) -> Pin<Box<dyn Stream<Item = R> + Send + 'c>> {
    Box::pin(R::items(request))
}

/// Sends an event and waits until it is written.
pub fn emit<'c, R: FromDelivery + 'c>(event: TypedEvent<'c>) -> Pin<Box<dyn Future<Output = R> + Send + 'c>> {
    Box::pin(R::send(event.producer, event.message))
}

/// What a method with `#[request(..)]` may return.
#[diagnostic::on_unimplemented(
    message = "a method with `#[request(..)]` cannot return `{Self}`",
    label = "not a `Result<T, RequestError>`",
    note = "it returns `Result<T, E>`, where `T` implements `serde::de::DeserializeOwned` or is a `Response`, and `E` is `RequestError` or made of it by `From`"
)]
pub trait FromReply: Sized {
    /// Sends the request and waits for its reply.
    fn ask(request: Request) -> impl Future<Output = Self> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: ReplyValue, E: From<RequestError>> FromReply for Result<T, E> {
    async fn ask(request: Request) -> Self {
        T::ask(request).await.map_err(E::from)
    }
}

/// What a reply can be read as.
pub trait ReplyValue: Sized {
    /// Sends the request and reads its reply.
    fn ask(request: Request) -> impl Future<Output = Result<Self, RequestError>> + Send;
}

impl<T: FromBody> ReplyValue for T {
    fn ask(request: Request) -> impl Future<Output = Result<Self, RequestError>> + Send {
        request.send()
    }
}

impl ReplyValue for Response {
    fn ask(request: Request) -> impl Future<Output = Result<Self, RequestError>> + Send {
        request.response()
    }
}

/// What the stream of a method with `#[request(.., stream)]` may yield.
#[diagnostic::on_unimplemented(
    message = "a stream of replies cannot yield `{Self}`",
    label = "not a `Result<T, RequestError>`",
    note = "it yields `Result<T, E>`, where `T` implements `serde::de::DeserializeOwned`, and `E` is `RequestError` or made of it by `From`"
)]
pub trait FromItem: Sized {
    /// Sends the request once the stream is polled, and yields its replies.
    fn items(request: Request) -> impl Stream<Item = Self> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: FromBody, E: From<RequestError>> FromItem for Result<T, E> {
    fn items(request: Request) -> impl Stream<Item = Self> + Send {
        request.stream::<T>().map(|item| item.map_err(E::from))
    }
}

/// What a method with `#[emit(..)]` may return.
#[diagnostic::on_unimplemented(
    message = "a method with `#[emit(..)]` cannot return `{Self}`",
    label = "not a `Result<(), SendError>`",
    note = "it returns `Result<(), E>` or `Result<Delivery, E>`, where `E` is `SendError` or made of it by `From`"
)]
pub trait FromDelivery: Sized {
    /// Sends the message and waits until it is written.
    fn send(producer: &Producer, message: OutgoingMessage) -> impl Future<Output = Self> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: From<Written>, E: From<SendError>> FromDelivery for Result<T, E> {
    async fn send(producer: &Producer, message: OutgoingMessage) -> Self {
        producer.send(message).await.map(|delivery| T::from(Written(delivery))).map_err(E::from)
    }
}

/// An event that is written.
#[derive(Debug)]
pub struct Written(Delivery);

impl From<Written> for () {
    fn from(_: Written) -> Self {}
}

impl From<Written> for Delivery {
    fn from(Written(delivery): Written) -> Self {
        delivery
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Result<ClientSettings, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn the_configuration_goes_before_the_attribute_and_leaves_what_it_does_not_say() {
        let declared =
            Terms { wire: Wire::Spring, timeout: Some(Duration::from_secs(5)), reply_topic: Some("replies".into()) };
        assert_eq!(declared.clone().configured(ClientSettings::default()), declared);
        let told = declared.clone().configured(settings(r#"{"timeout": "2s"}"#).unwrap());
        assert_eq!(told, Terms { timeout: Some(Duration::from_secs(2)), ..declared.clone() });
        let moved = told.clone().configured(settings(r#"{"reply_topic": "others"}"#).unwrap());
        assert_eq!(moved, Terms { reply_topic: Some("others".into()), ..told });
    }

    #[test]
    fn what_a_clients_table_cannot_say_is_refused() {
        for wrong in [r#"{"timeout": "0s"}"#, r#"{"timeout": 5}"#, r#"{"reply_topic": "a b"}"#, r#"{"tiemout": "1s"}"#]
        {
            assert!(settings(wrong).is_err(), "{wrong}");
        }
    }
}
