//! A message as a test makes it.

use crate::context::TestContext;
use bytes::Bytes;
use millstream::testing::{ContextFacts, context};
use millstream::{OwnedMessage, Timestamp, TimestampKind};
use serde::Serialize;
use std::fmt;

/// A message made by a test: for a listener that is called directly, through [`context`](Self::context),
/// or for an application under test, through [`TestApp::publish`](crate::TestApp::publish).
///
/// What is not said is: topic `test`, partition 0, offset 0, no key, no headers, no timestamp, first
/// attempt, listener `Test.listener` of group `test`.
///
/// ```
/// use millstream_test::TestMessage;
///
/// #[derive(serde::Serialize)]
/// struct Order {
///     id: u64,
/// }
///
/// let ctx = TestMessage::json(&Order { id: 7 })
///     .topic("orders")
///     .offset(41)
///     .key("ada")
///     .header("trace-id", "t-1")
///     .context();
/// assert_eq!(ctx.payload(), Some(&br#"{"id":7}"#[..]));
/// assert_eq!(ctx.header("trace-id"), Some(&b"t-1"[..]));
/// ```
#[must_use = "a message does nothing by itself: take its `context()` or publish it"]
pub struct TestMessage {
    pub(crate) message: OwnedMessage,
    facts: ContextFacts,
    pub(crate) partition_was_set: bool,
}

impl TestMessage {
    fn new(payload: Option<Bytes>) -> Self {
        let message = OwnedMessage { payload, ..OwnedMessage::new("test", 0, 0) };
        Self { message, facts: ContextFacts::default(), partition_was_set: false }
    }

    /// A payload in JSON.
    ///
    /// # Panics
    ///
    /// If the value cannot be written as JSON, such as a map whose keys are no text.
    #[track_caller]
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(payload) => Self::bytes(payload),
            Err(error) => {
                panic!("cannot make a message: `{}` cannot be written as JSON: {error}", std::any::type_name::<T>())
            }
        }
    }

    /// A payload in UTF-8.
    pub fn text(payload: impl Into<String>) -> Self {
        Self::bytes(payload.into())
    }

    /// A payload of bytes.
    pub fn bytes(payload: impl Into<Bytes>) -> Self {
        Self::new(Some(payload.into()))
    }

    /// No payload: a tombstone.
    pub fn tombstone() -> Self {
        Self::new(None)
    }

    /// The topic.
    pub fn topic(mut self, topic: impl AsRef<str>) -> Self {
        self.message.topic = topic.as_ref().into();
        self
    }

    /// The partition. An application under test receives the message there; without this the key decides.
    pub fn partition(mut self, partition: i32) -> Self {
        self.message.partition = partition;
        self.partition_was_set = true;
        self
    }

    /// The offset; only for [`context`](Self::context), as a broker gives its own.
    pub fn offset(mut self, offset: i64) -> Self {
        self.message.offset = offset;
        self
    }

    /// The key.
    pub fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.message.key = Some(Bytes::copy_from_slice(key.as_ref()));
        self
    }

    /// One more header.
    pub fn header(mut self, name: impl Into<String>, value: impl AsRef<[u8]>) -> Self {
        let value = Bytes::copy_from_slice(value.as_ref());
        self.message.headers.push((name.into(), Some(value)));
        self
    }

    /// One more header, without a value.
    pub fn header_without_value(mut self, name: impl Into<String>) -> Self {
        self.message.headers.push((name.into(), None));
        self
    }

    /// Makes it a request: what a listener with `reply` returns for it goes to this topic, with this id in the header
    /// `kafka_correlationId`.
    ///
    /// ```
    /// use millstream::prelude::*;
    /// use millstream_test::{TestApp, TestMessage};
    ///
    /// #[consumer]
    /// struct Math {}
    ///
    /// #[consumer]
    /// impl Math {
    ///     #[kafka_listener("sums", reply)]
    ///     async fn sum(&self, Json(numbers): Json<Vec<i64>>) -> Result<i64> {
    ///         Ok(numbers.iter().sum())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = TestApp::builder().consumers::<(Math,)>().topic("sums.reply", 1).start().await?;
    /// app.publish("sums", TestMessage::json(&[1, 2, 3]).asking("id-1", "sums.reply")).await?;
    ///
    /// let replies = app.read("sums.reply", 1).await?;
    /// assert_eq!((replies[0].text(), replies[0].header_text("kafka_correlationId")), (Some("6"), Some("id-1")));
    /// # app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn asking(self, correlation_id: impl AsRef<[u8]>, reply_topic: impl AsRef<str>) -> Self {
        self.header("kafka_correlationId", correlation_id).header("kafka_replyTopic", reply_topic.as_ref())
    }

    /// The producer's timestamp, in milliseconds since 1970.
    pub fn timestamp(mut self, milliseconds: i64) -> Self {
        self.message.timestamp = Some(Timestamp { kind: TimestampKind::CreateTime, milliseconds });
        self
    }

    /// Which attempt at the message it is, from 1; only for [`context`](Self::context).
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.facts.attempt = attempt;
        self
    }

    /// An attribute of the application; only for [`context`](Self::context).
    pub fn attribute<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.facts.attributes.insert(value);
        self
    }

    /// The listener's id; only for [`context`](Self::context).
    pub fn listener(mut self, id: impl Into<String>) -> Self {
        self.facts.listener = id.into();
        self
    }

    /// The group; only for [`context`](Self::context).
    pub fn group_id(mut self, group_id: impl Into<String>) -> Self {
        self.facts.group_id = group_id.into();
        self
    }

    /// The cluster; only for [`context`](Self::context).
    pub fn cluster(mut self, cluster: impl Into<String>) -> Self {
        self.facts.cluster = cluster.into();
        self
    }

    /// The context of this message, with no client behind it: verbs are recorded and answered at once.
    pub fn context(self) -> TestContext {
        let (context, recorder) = context(self.message, self.facts);
        TestContext::new(context, recorder)
    }

    pub(crate) fn into_parts(self) -> (OwnedMessage, ContextFacts) {
        (self.message, self.facts)
    }
}

impl fmt::Debug for TestMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.message, formatter)
    }
}

/// A text is a message with that payload.
impl From<&str> for TestMessage {
    fn from(payload: &str) -> Self {
        Self::text(payload)
    }
}

/// A text is a message with that payload.
impl From<String> for TestMessage {
    fn from(payload: String) -> Self {
        Self::text(payload)
    }
}

/// Bytes are a message with that payload.
impl From<Vec<u8>> for TestMessage {
    fn from(payload: Vec<u8>) -> Self {
        Self::bytes(payload)
    }
}

/// Bytes are a message with that payload.
impl From<Bytes> for TestMessage {
    fn from(payload: Bytes) -> Self {
        Self::bytes(payload)
    }
}

/// A JSON value is a message with that payload: `json!({ "id": 7 })`.
impl From<serde_json::Value> for TestMessage {
    fn from(payload: serde_json::Value) -> Self {
        Self::text(payload.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn everything_said_is_in_the_context() {
        let ctx = TestMessage::text("x")
            .topic("orders")
            .partition(3)
            .offset(41)
            .key("ada")
            .header("a", "1")
            .header("a", [2_u8])
            .header_without_value("b")
            .timestamp(1_700_000_000_000)
            .attempt(2)
            .attribute(7_u8)
            .listener("Billing.on_order")
            .group_id("billing")
            .cluster("audit")
            .context();
        assert_eq!((ctx.topic(), ctx.partition(), ctx.offset()), ("orders", 3, 41));
        assert_eq!((ctx.payload(), ctx.key()), (Some(&b"x"[..]), Some(&b"ada"[..])));
        assert_eq!(ctx.headers().get_all("a").collect::<Vec<_>>(), [&b"1"[..], &[2]]);
        assert_eq!(ctx.header("b"), Some(&b""[..]));
        assert_eq!(ctx.timestamp().map(|it| it.milliseconds), Some(1_700_000_000_000));
        assert_eq!((ctx.attempt(), ctx.attribute::<u8>()), (2, Some(&7)));
        assert_eq!(ctx.listener(), "Billing.on_order");
        assert_eq!((ctx.group_id(), ctx.cluster()), ("billing", "audit"));
    }

    #[test]
    fn what_is_not_said_is_absent() {
        let ctx = TestMessage::tombstone().context();
        assert_eq!((ctx.payload(), ctx.key(), ctx.timestamp()), (None, None, None));
        assert!(ctx.headers().is_empty());
        assert_eq!((ctx.attempt(), ctx.offset()), (1, 0));
    }

    #[test]
    fn payloads_convert() {
        assert_eq!(TestMessage::from("a").context().payload(), Some(&b"a"[..]));
        assert_eq!(TestMessage::from(vec![1]).context().payload(), Some(&[1][..]));
        let value = serde_json::json!({ "id": 7 });
        assert_eq!(TestMessage::from(value).context().payload(), Some(&br#"{"id":7}"#[..]));
    }

    #[test]
    #[should_panic(expected = "cannot be written as JSON: key must be a string")]
    fn a_value_that_is_no_json_fails_the_test_with_its_type() {
        let _ = TestMessage::json(&BTreeMap::from([((1, 2), 3)]));
    }

    #[test]
    fn debug_shows_no_payload() {
        assert!(!format!("{:?}", TestMessage::text("secret").key("secret")).contains("secret"));
    }
}
