//! Why a request was not answered.

use super::mailbox::{MOST_BYTES, MOST_REPLIES};
use crate::error::BoxError;
use crate::producer::SendError;
use serde_json::Value;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a request brought no value.
///
/// ```
/// use millstream::{Json, RequestErrorKind, Requests};
///
/// # async fn example(requests: &Requests) -> millstream::Result<()> {
/// match requests.to("payments.charge").body(&Json(4200)).send::<String>().await {
///     Ok(receipt) => println!("charged: {receipt}"),
///     Err(error) => match error.remote() {
///         // The service itself said no.
///         Some(remote) => println!("refused: {}", remote.message),
///         // Nothing was charged: asking again is safe.
///         None if !error.may_have_been_handled() => return Err(error.into()),
///         None => println!("nobody knows: {error}"),
///     },
/// }
/// # Ok(())
/// # }
/// ```
pub struct RequestError {
    inner: Box<Inner>,
}

struct Inner {
    kind: RequestErrorKind,
    topic: Arc<str>,
    message: String,
    may_have_been_handled: bool,
    remote: Option<RemoteError>,
    source: Option<BoxError>,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestErrorKind {
    /// No reply came in time: the service may be slow, down, or have handled the request without its reply arriving. Or
    /// there was no room in the producer's queue in time; then nothing was sent, as
    /// [`RequestError::may_have_been_handled`] tells.
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
    /// `kind` of the error object, which Millstream's services add: `terminal`, `error`, `timeout`, `panic`, `extract` and others.
    pub kind: Option<String>,
    /// The whole as it came.
    pub raw: Value,
}

impl RemoteError {
    /// An error as a service could answer with it: for tests of whoever asks.
    pub fn new(status: impl Into<String>, message: impl Into<String>) -> Self {
        let (status, message) = (status.into(), message.into());
        let raw = serde_json::json!({ "status": &status, "message": &message });
        Self { status, message, kind: None, raw }
    }

    /// Reads what stands in a reply's header: JSON where it begins as an object or a list does, else text.
    pub(super) fn read(header: &[u8]) -> Self {
        let json = matches!(header.first(), Some(b'{' | b'[')).then(|| serde_json::from_slice(header).ok()).flatten();
        let raw = json.unwrap_or_else(|| Value::String(String::from_utf8_lossy(header).into_owned()));
        let field = |name: &str| match raw.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let message = field("message").unwrap_or_else(|| match &raw {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        Self { status: field("status").unwrap_or_else(|| "error".to_owned()), message, kind: field("kind"), raw }
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status.as_str() {
            "error" => formatter.write_str(&self.message),
            status => write!(formatter, "{status}: {}", self.message),
        }
    }
}

impl RequestError {
    /// An error by hand: for a fake of whoever asks, in tests. Only of what was not sent is it known that the service
    /// has not handled it.
    pub fn new(kind: RequestErrorKind, topic: impl Into<Arc<str>>, message: impl Into<String>) -> Self {
        let may_have_been_handled = kind != RequestErrorKind::NotSent;
        Self::made(kind, &topic.into(), message.into(), may_have_been_handled)
    }

    /// The error that a service answers with, by hand: for a fake of whoever asks, in tests.
    pub fn refused(topic: impl Into<Arc<str>>, remote: RemoteError) -> Self {
        let message = format!("the service answered with an error: {remote}");
        let mut error = Self::made(RequestErrorKind::Refused, &topic.into(), message, true);
        error.inner.remote = Some(remote);
        error
    }

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
        let message = if sent {
            "the application ended before a reply came; let it drain before it ends, or ask earlier"
        } else {
            "the application is shutting down, nothing is asked any more; ask before it ends"
        };
        Self::made(RequestErrorKind::ShuttingDown, topic, message.to_owned(), sent)
    }

    pub(super) fn timed_out(topic: &Arc<str>, within: Duration, sent: bool) -> Self {
        let message = if sent {
            format!(
                "no reply came within {within:?}; see whether the service runs and keeps up, or give it more `timeout`"
            )
        } else {
            format!(
                "it found no room in the producer's queue within {within:?}; ask less at once, or give it more `timeout`"
            )
        };
        Self::made(RequestErrorKind::TimedOut, topic, message, sent)
    }

    pub(super) fn not_sent(topic: &Arc<str>, error: SendError) -> Self {
        let sent = error.may_be_written();
        Self::caused(RequestErrorKind::NotSent, topic, "it was not sent", sent, error.into())
    }

    pub(super) fn not_readable(topic: &Arc<str>, reply_topic: &str, reason: &str) -> Self {
        let message = format!("it was not sent, as its replies could not be read from topic {reply_topic}: {reason}");
        Self::made(RequestErrorKind::NotSent, topic, message, false)
    }

    pub(super) fn reserved_header(topic: &Arc<str>, name: &str) -> Self {
        let message = format!("it was not sent: a request writes the header {name} by itself; leave it out");
        Self::made(RequestErrorKind::NotSent, topic, message, false)
    }

    pub(super) fn not_decoded(topic: &Arc<str>, error: BoxError) -> Self {
        let message = "a reply came and is not what was expected";
        Self::caused(RequestErrorKind::NotDecoded, topic, message, true, error)
    }

    pub(super) fn overrun(topic: &Arc<str>) -> Self {
        let message = format!(
            "more than {MOST_REPLIES} values or {} MiB of them came and were not taken; take them faster, or ask for less",
            MOST_BYTES >> 20
        );
        Self::made(RequestErrorKind::Overrun, topic, message, true)
    }

    fn made(kind: RequestErrorKind, topic: &Arc<str>, message: String, may_have_been_handled: bool) -> Self {
        let topic = Arc::clone(topic);
        Self { inner: Box::new(Inner { kind, topic, message, may_have_been_handled, remote: None, source: None }) }
    }

    /// An error whose reason is another one; its text says both.
    fn caused(kind: RequestErrorKind, topic: &Arc<str>, message: &str, handled: bool, source: BoxError) -> Self {
        let mut error = Self::made(kind, topic, format!("{message}: {source}"), handled);
        error.inner.source = Some(source);
        error
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

impl Error for RequestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner.source.as_ref().map(|source| &**source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_object_is_read_field_by_field() {
        let remote =
            RemoteError::read(br#"{"status":"refused","message":"no such number","kind":"terminal","code":42}"#);
        assert_eq!((remote.status.as_str(), remote.message.as_str()), ("refused", "no such number"));
        assert_eq!((remote.kind.as_deref(), &remote.raw["code"]), (Some("terminal"), &json!(42)));
        assert_eq!(remote.to_string(), "refused: no such number");
    }

    #[test]
    fn an_error_that_is_no_object_is_its_own_message() {
        for (header, message, raw) in [
            (&b"no such number"[..], "no such number", json!("no such number")),
            (b"{broken", "{broken", json!("{broken")),
            (b"", "", json!("")),
            (b"\xff", "\u{fffd}", json!("\u{fffd}")),
            (b"[1]", "[1]", json!([1])),
            (br#"{"code":7}"#, r#"{"code":7}"#, json!({"code": 7})),
            (
                br#"{"message":null,"status":null}"#,
                r#"{"message":null,"status":null}"#,
                json!({"message": null, "status": null}),
            ),
            (br#"{"message":["a","b"]}"#, r#"["a","b"]"#, json!({"message": ["a", "b"]})),
        ] {
            let remote = RemoteError::read(header);
            assert_eq!((remote.status.as_str(), remote.message.as_str(), &remote.raw), ("error", message, &raw));
            assert_eq!(remote.kind, None);
        }
    }

    #[test]
    fn the_text_says_whom_was_asked_and_the_source_why_it_was_not() {
        let topic: Arc<str> = "math.sum".into();
        let error = RequestError::not_decoded(&topic, "expected a number".into());
        assert_eq!(
            error.to_string(),
            "request to math.sum: a reply came and is not what was expected: expected a number"
        );
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("expected a number"));
        assert_eq!(error.kind(), RequestErrorKind::NotDecoded);
        assert!(error.may_have_been_handled());
    }

    #[test]
    fn what_was_not_sent_was_not_handled() {
        let topic: Arc<str> = "math.sum".into();
        assert!(!RequestError::closed(&topic, false).may_have_been_handled());
        assert!(RequestError::closed(&topic, true).may_have_been_handled());
        assert!(!RequestError::not_readable(&topic, "math.sum.reply", "x").may_have_been_handled());
        assert!(!RequestError::timed_out(&topic, Duration::from_secs(5), false).may_have_been_handled());
        assert!(!RequestError::new(RequestErrorKind::NotSent, "t", "x").may_have_been_handled());
        assert!(RequestError::refused("t", RemoteError::new("error", "no")).remote().is_some());
    }
}
