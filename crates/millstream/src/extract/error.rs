//! Why an argument could not be taken from a message.

use crate::error::BoxError;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

/// The future that [`ExtractError::wait`] carries.
pub(crate) type Wait = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// Why an argument could not be taken from a message.
///
/// No payload is ever part of it: messages of errors are logged.
pub struct ExtractError {
    argument: Option<&'static str>,
    kind: Kind,
}

enum Kind {
    Missing { what: Cow<'static, str> },
    Malformed { what: Cow<'static, str>, source: BoxError },
    // A future need not be `Sync`, but the error must be for `?` to turn it into the listener's own.
    Wait(Mutex<Wait>),
}

impl ExtractError {
    /// The message does not have this: `ExtractError::missing("a key")`.
    pub fn missing(what: impl Into<Cow<'static, str>>) -> Self {
        Self { argument: None, kind: Kind::Missing { what: what.into() } }
    }

    /// The message has it, but not in this form: `ExtractError::malformed("the key", error)`.
    pub fn malformed(what: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self { argument: None, kind: Kind::Malformed { what: what.into(), source: source.into() } }
    }

    /// Something must be fetched first, such as a schema not seen yet: the engine awaits the future and
    /// extracts again. The future's error fails the message like any other error of a listener.
    pub fn wait<E: Into<BoxError>>(future: impl Future<Output = Result<(), E>> + Send + 'static) -> Self {
        let wait: Wait = Box::pin(async move { future.await.map_err(Into::into) });
        Self { argument: None, kind: Kind::Wait(Mutex::new(wait)) }
    }

    /// Whether the message lacks it, as opposed to having it in a wrong form.
    pub fn is_missing(&self) -> bool {
        matches!(self.kind, Kind::Missing { .. })
    }

    /// Whether it is a [`wait`](Self::wait). An extractor that wraps another must pass such an error on.
    pub fn is_wait(&self) -> bool {
        matches!(self.kind, Kind::Wait(_))
    }

    /// Says which argument it was about, for the message.
    #[must_use]
    pub fn for_argument(mut self, argument: &'static str) -> Self {
        self.argument.get_or_insert(argument);
        self
    }

    /// The future to await before extracting again, or the error itself.
    pub(crate) fn into_wait(self) -> Result<Wait, Self> {
        match self.kind {
            Kind::Wait(wait) => Ok(wait.into_inner().unwrap_or_else(PoisonError::into_inner)),
            kind => Err(Self { argument: self.argument, kind }),
        }
    }
}

impl fmt::Display for ExtractError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(argument) = self.argument {
            write!(formatter, "argument `{argument}`: ")?;
        }
        match &self.kind {
            Kind::Missing { what } => write!(formatter, "the message does not have {what}"),
            Kind::Malformed { what, source } => {
                write!(formatter, "{what} does not decode: {source}")
            }
            Kind::Wait(_) => write!(formatter, "something must be fetched first"),
        }
    }
}

impl fmt::Debug for ExtractError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

// The cause stands in the text already, so that it is not offered as a source as well: a chain of
// causes would say it twice.
impl std::error::Error for ExtractError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_converts_into_the_error_of_a_listener() {
        fn listener(text: Result<&str, ExtractError>) -> crate::Result<usize> {
            Ok(text?.len())
        }
        assert_eq!(listener(Ok("four")).unwrap(), 4);
        let error = listener(Err(ExtractError::missing("a payload"))).unwrap_err();
        assert_eq!(error.to_string(), "the message does not have a payload");
    }

    #[test]
    fn the_text_names_the_argument_once_and_the_cause_once() {
        let cause = std::str::from_utf8(bytes::Bytes::from_static(&[0xff]).as_ref()).unwrap_err();
        let error = ExtractError::malformed("the key", cause).for_argument("key");
        let error = crate::Error::new(error.for_argument("outer"));
        assert_eq!(
            error.to_string(),
            "argument `key`: the key does not decode: invalid utf-8 sequence of 1 bytes from index 0"
        );
    }

    #[test]
    fn only_a_wait_can_be_awaited() {
        let waiting = ExtractError::wait(async { Ok::<(), BoxError>(()) });
        assert!(waiting.is_wait() && !waiting.is_missing());
        assert!(waiting.into_wait().is_ok());
        assert!(ExtractError::missing("a key").into_wait().is_err());
    }
}
