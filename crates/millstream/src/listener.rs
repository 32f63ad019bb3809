//! A listener: one annotated method, from its context to its outcome.

use crate::component::{Injector, Needs};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::extract::ExtractError;
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use crate::engine::dispatch::BoundListener;

/// Why a message was not handled.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// An argument could not be taken from the message; no retry can mend that.
    Extract(ExtractError),
    /// The method returned an error.
    Error(Error),
    /// The method panicked, with this message.
    Panic(String),
    /// The method did not end within its `timeout`.
    Timeout(Duration),
    /// The method moved its position back with `commit_offsets`.
    Rewind,
    /// The method deferred the message, and who held it dropped it without settling it.
    Dropped,
    /// The message waited for its turn and was interrupted: it was not handled and comes again, without this
    /// counting as an attempt.
    Interrupted,
}

impl Failure {
    /// Whether retries are skipped.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Extract(_) => true,
            Self::Error(error) => error.is_terminal(),
            Self::Panic(_) | Self::Timeout(_) | Self::Rewind | Self::Dropped | Self::Interrupted => false,
        }
    }

    /// The error that the method or a layer returned.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Error(error) => Some(error),
            _ => None,
        }
    }

    /// Another error in place of the one that was returned; other failures stay as they are.
    #[must_use]
    #[allow(clippy::boxed_local)] // what a layer has in hand
    pub fn map_error(self: Box<Self>, map: impl FnOnce(Error) -> Error) -> Box<Self> {
        match *self {
            Self::Error(error) => Box::new(Self::Error(map(error))),
            other => Box::new(other),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extract(error) => write!(formatter, "{error}"),
            Self::Error(error) => write!(formatter, "{error}"),
            Self::Panic(message) => write!(formatter, "the handler panicked: {message}"),
            Self::Timeout(after) => write!(formatter, "the handler did not end within {after:?}"),
            Self::Rewind => write!(formatter, "the handler moved its position back"),
            Self::Interrupted => write!(formatter, "interrupted while it waited to be handled"),
            Self::Dropped => {
                write!(formatter, "the handler deferred the message, and it was dropped without being settled")
            }
        }
    }
}

/// How handling one message ended. The failure is boxed so that success fits a register.
pub type Outcome = std::result::Result<(), Box<Failure>>;

/// What a listener may return: `()`, or a `Result` whose error converts into [`Error`].
#[diagnostic::on_unimplemented(
    message = "a listener cannot return `{Self}`",
    label = "not `()` or `Result<(), E>`",
    note = "a listener returns `()`, or a `Result<(), E>` whose error converts into `millstream::Error` (every error does)",
    note = "to send what it returns as an answer, add `reply`, as in `#[kafka_listener(\"orders\", reply)]`; it then returns a `Result<T, E>`"
)]
pub trait IntoOutcome {
    /// The outcome.
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for () {
    #[inline]
    fn into_outcome(self) -> Outcome {
        Ok(())
    }
}

impl<E: Into<Error>> IntoOutcome for Result<(), E> {
    #[inline]
    fn into_outcome(self) -> Outcome {
        self.map_err(|error| Box::new(Failure::Error(error.into())))
    }
}

/// One annotated method, as the macro describes it: static functions only, so that the engine's loop is
/// compiled for each method.
pub trait ListenerMethod: Send + Sync + 'static {
    /// The type the method belongs to.
    type Consumer: Send + Sync + 'static;
    /// What its arguments prepared at start.
    type Prepared: Send + Sync + 'static;

    /// Declares what its arguments need.
    fn needs(needs: &mut Needs);
    /// Prepares its arguments; `None` after a lack has been reported.
    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared>;
    /// Takes the arguments from the context and calls the method.
    fn call<'m>(
        consumer: &'m Self::Consumer,
        context: &'m Context,
        prepared: &'m Self::Prepared,
    ) -> impl Future<Output = Outcome> + Send + 'm;
}

/// A method bound to the value it is called on.
pub struct Bound<M: ListenerMethod> {
    pub(crate) consumer: Arc<M::Consumer>,
    pub(crate) prepared: M::Prepared,
}

impl<M: ListenerMethod> fmt::Debug for Bound<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(std::any::type_name::<M>())
    }
}

/// Binds a method to a consumer's value; `None` after a lack has been reported.
///
/// This is what stands in [`ListenerSpec::bind`](crate::registry::ListenerSpec::bind).
pub fn bind<M: ListenerMethod>(
    consumer: &Arc<dyn Any + Send + Sync>,
    injector: &mut Injector<'_>,
) -> Option<Arc<dyn BoundListener>> {
    let Ok(consumer) = Arc::clone(consumer).downcast::<M::Consumer>() else {
        injector.report("the value bound to this listener is of another type");
        return None;
    };
    let prepared = M::prepare(injector)?;
    Some(Arc::new(Bound::<M> { consumer, prepared }))
}
