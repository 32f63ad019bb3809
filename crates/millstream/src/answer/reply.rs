//! A reply with all that belongs to it.

use super::{Answer, Content, Values};
use crate::error::{BoxError, Error};
use crate::producer::IntoPayload;
use crate::wire::IntoBody;
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use std::fmt;
use std::marker::PhantomData;

/// What a listener answers with, where a plain value is not enough: a key, headers, several values, or a refusal.
///
/// A listener with `reply` answers messages that ask for it, by a correlation id and a reply topic in their headers; for
/// any other its result is dropped, and counted in
/// [`ListenerStatus::unasked_results`](crate::ListenerStatus::unasked_results). The reply goes out once everything around
/// the method has ended well, and after whoever [deferred](crate::Context::defer) the message has settled it; its
/// `timeout` does not limit that. The message is settled when the brokers have acknowledged the last reply. A topic that
/// cannot be written is tried again and again while the lane waits
/// ([`PartitionState::Writing`](crate::PartitionState::Writing)), without calling the method again; a partition that is
/// taken away meanwhile takes the request along, so that who asked may get an answer twice.
///
/// An error of the method is the answer where the failure policy ends, in place of `pause` and `skip`, behind the dead
/// letter, and before `stop` (which does not wait where the reply topic cannot be written: the message is not settled
/// then, and its next owner answers). A reply that cannot be written as bytes or is too large is such an error too. A
/// request that a layer [skips](crate::layer::skip) gets no answer.
///
/// ```
/// use millstream::prelude::*;
/// use millstream::Reply;
///
/// # struct Accounts;
/// # #[consumer]
/// impl Accounts {
///     #[kafka_listener("accounts.balance", reply)]
///     async fn balance(&self, account: &str) -> Result<Reply<i64>> {
///         if account.starts_with("closed-") {
///             return Ok(Reply::refuse("closed", "the account is closed"));
///         }
///         Ok(Reply::new(1_250).header("currency", "EUR"))
///     }
/// }
/// ```
pub struct Reply<T> {
    answer: Answer,
    of: PhantomData<fn() -> T>,
}

impl<T: IntoBody> Reply<T> {
    /// One value.
    #[allow(clippy::needless_pass_by_value)] // a reply is made of its value
    pub fn new(value: T) -> Self {
        match value.body() {
            Ok(body) => Self::of(Content::Value(body)),
            Err(error) => Self::of(Content::Value(None)).malformed("value", error),
        }
    }

    /// Several values, each sent as soon as the stream yields it; the end of the stream ends the request, also when
    /// it yielded nothing. An error ends it too: before the first value it is the listener's failure, after it the
    /// requester is told and the message is not tried again. The listener's `timeout` limits the wait for each value.
    ///
    /// Towards `NestJS` the last value says that it is the last: each is sent when the next one is known, or the end.
    ///
    /// The stream is dropped midway where the partition is taken away and does not end in time, as a method is.
    pub fn stream<E: Into<Error>>(values: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self {
        let values: Values = Box::pin(values.map(|value| match value {
            Ok(value) => value.body().map_err(Error::terminal),
            Err(error) => Err(error.into()),
        }));
        Self::of(Content::Values(values))
    }
}

impl<T> Reply<T> {
    /// Bytes as they are, whatever the wire.
    pub fn payload(payload: impl IntoPayload) -> Self {
        match payload.into_payload() {
            Ok(payload) => Self::of(Content::Value(payload)),
            Err(error) => Self::of(Content::Value(None)).malformed("payload", error),
        }
    }

    /// The request was handled and is refused: the requester gets `{status, message}` as an error, the listener has
    /// not failed.
    pub fn refuse(status: impl Into<String>, message: impl Into<String>) -> Self {
        Self::of(Content::Refusal(json!({ "status": status.into(), "message": message.into() })))
    }

    /// The same with an error object of any shape.
    pub fn refuse_with(error: Value) -> Self {
        Self::of(Content::Refusal(error))
    }

    /// The reply's key; without one it has none, and a result that is sent to a topic has the request's.
    #[must_use]
    pub fn key(mut self, key: impl IntoPayload) -> Self {
        match key.into_payload() {
            Ok(key) => {
                self.answer.key = key;
                self
            }
            Err(error) => self.malformed("key", error),
        }
    }

    /// One more header, on each value; a name may repeat.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl IntoPayload) -> Self {
        match value.into_payload() {
            Ok(value) => {
                self.answer.headers.push((name.into(), value));
                self
            }
            Err(error) => self.malformed("value of a header", error),
        }
    }

    fn of(content: Content) -> Self {
        let answer = Answer { key: None, headers: Vec::new(), content, malformed: None, trace: None };
        Self { answer, of: PhantomData }
    }

    fn malformed(mut self, what: &'static str, error: BoxError) -> Self {
        self.answer.malformed.get_or_insert((what, error));
        self
    }

    pub(crate) fn into_answer(self) -> Answer {
        self.answer
    }
}

impl<T: IntoBody> From<T> for Reply<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Reply({:?})", self.answer)
    }
}
