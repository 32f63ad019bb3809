//! What a listener's reply would send.

use bytes::Bytes;
use millstream::testing::{RecordedReply, record_reply};
use millstream::{Error, Reply};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a [`Reply`] would send, for a listener that a test calls directly.
///
/// ```
/// use millstream::Reply;
/// use millstream_test::TestReply;
///
/// struct Math;
///
/// impl Math {
///     async fn sum(&self, numbers: &[i64]) -> millstream::Result<Reply<i64>> {
///         if numbers.is_empty() {
///             return Ok(Reply::refuse("refused", "nothing to add"));
///         }
///         Ok(Reply::new(numbers.iter().sum::<i64>()).header("count", numbers.len().to_string()))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), millstream::Error> {
/// let reply = TestReply::of(Math.sum(&[1, 2]).await?).await;
/// assert_eq!((reply.texts(), reply.header("count")), (vec![Some("3")], Some(&b"2"[..])));
///
/// let reply = TestReply::of(Math.sum(&[]).await?).await;
/// assert_eq!(reply.refusal().unwrap()["message"], "nothing to add");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestReply {
    recorded: RecordedReply,
}

impl TestReply {
    /// Looks at a reply; a stream is read to its end. Cancel safe, but for the stream, which is dropped.
    pub async fn of<T>(reply: Reply<T>) -> Self {
        Self { recorded: record_reply(reply).await }
    }

    /// The payload of each value, in order; `None` is null.
    pub fn values(&self) -> &[Option<Bytes>] {
        &self.recorded.values
    }

    /// The same as text; `None` is null.
    ///
    /// # Panics
    ///
    /// If a payload is no text.
    #[track_caller]
    pub fn texts(&self) -> Vec<Option<&str>> {
        let text = |payload| match std::str::from_utf8(payload) {
            Ok(text) => text,
            Err(error) => panic!("a value of the reply is no text: {error}"),
        };
        self.recorded.values.iter().map(|value| value.as_deref().map(text)).collect()
    }

    /// Each value, read as JSON; null is read as `null`.
    ///
    /// # Panics
    ///
    /// If a payload is not what `T` is in JSON.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> Vec<T> {
        let read = |payload: &Option<Bytes>| match serde_json::from_slice(payload.as_deref().unwrap_or(b"null")) {
            Ok(value) => value,
            Err(error) => panic!("a value of the reply is not `{}` in JSON: {error}", std::any::type_name::<T>()),
        };
        self.recorded.values.iter().map(read).collect()
    }

    /// The error object, if it is a refusal.
    pub fn refusal(&self) -> Option<&Value> {
        self.recorded.refusal.as_ref()
    }

    /// What ended its stream early, or why it cannot be written as bytes.
    pub fn error(&self) -> Option<&Error> {
        self.recorded.error.as_ref()
    }

    /// The key that it was given.
    pub fn key(&self) -> Option<&[u8]> {
        self.recorded.key.as_deref()
    }

    /// The last header of this name that it was given; an empty slice for one without a value.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let mut headers = self.recorded.headers.iter().rev();
        let (_, value) = headers.find(|(each, _)| each == name)?;
        Some(value.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[tokio::test]
    async fn a_value_is_seen_as_it_would_be_sent() {
        let reply = TestReply::of(Reply::new(vec![1, 2]).key("k").header("a", "1").header("a", "2")).await;
        assert_eq!((reply.texts(), reply.json::<Vec<u32>>()), (vec![Some("[1,2]")], vec![vec![1, 2]]));
        assert_eq!((reply.key(), reply.header("a"), reply.header("b")), (Some(&b"k"[..]), Some(&b"2"[..]), None));
        assert!(reply.refusal().is_none() && reply.error().is_none());
    }

    #[tokio::test]
    async fn a_value_that_cannot_be_written_is_an_error() {
        let reply = TestReply::of(Reply::new(BTreeMap::from([(vec![1], 1)]))).await;
        assert!(reply.error().unwrap().is_terminal() && reply.values().is_empty());
    }

    #[tokio::test]
    #[should_panic(expected = "a value of the reply is not `u32` in JSON")]
    async fn a_value_of_another_type_is_said_in_words() {
        TestReply::of(Reply::new("text".to_owned())).await.json::<u32>();
    }
}
