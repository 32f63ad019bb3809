//! Why an application ended otherwise than cleanly.

use super::exit_code::ExitStatus;
use super::start_error::StartError;
use crate::error::{BoxError, Error};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why an application ended otherwise than cleanly.
///
/// A [`StartError`] converts into it, so that `App::from_args()?.run().await` fits a `main` that returns
/// `Result<(), RunError>`. `Debug` prints the readable report.
#[derive(Clone)]
pub struct RunError {
    inner: Arc<Inner>,
}

struct Inner {
    kind: RunErrorKind,
    message: String,
    source: Option<BoxError>,
}

/// The kinds of [`RunError`], and the exit code of a process that ends with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunErrorKind {
    /// It did not start; the source is the [`StartError`]. Exit code 2.
    Start,
    /// Its subscriptions had no partitions within `start_timeout`. Exit code 2.
    StartTimeout,
    /// A cluster refused for good while it started, such as by failed authentication. Exit code 2.
    Cluster,
    /// A message could not be handled, and its listener says `on_failure = "stop"`. Exit code 1.
    Listener,
    /// A client failed and could not be rebuilt. Exit code 1.
    Client,
    /// An `on_ready` or `on_stop` hook failed. Exit code 1.
    Hook,
    /// It ended before what was waited for came about. Exit code 1.
    Ended,
    /// Messages that were sent, and awaited by nobody, could not be written before the end. Exit code 1.
    Unsent,
    /// Handlers, hooks or components had not ended when the deadline of the drain came. Exit code 3.
    DrainDeadline,
    /// A second signal ended it at once. Exit code 3.
    SecondSignal,
}

impl RunErrorKind {
    fn exit_status(self) -> ExitStatus {
        match self {
            Self::Start | Self::StartTimeout | Self::Cluster => ExitStatus::Start,
            Self::Listener | Self::Client | Self::Hook | Self::Ended | Self::Unsent => ExitStatus::Failed,
            Self::DrainDeadline | Self::SecondSignal => ExitStatus::CutShort,
        }
    }
}

impl RunError {
    pub(crate) fn new(kind: RunErrorKind, message: impl Into<String>) -> Self {
        Self { inner: Arc::new(Inner { kind, message: message.into(), source: None }) }
    }

    pub(crate) fn with_source(kind: RunErrorKind, message: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self { inner: Arc::new(Inner { kind, message: message.into(), source: Some(source.into()) }) }
    }

    pub(crate) fn hook(name: &str, error: Error) -> Self {
        Self::with_source(RunErrorKind::Hook, format!("an `{name}` hook failed"), error.into_source())
    }

    pub(crate) fn start_timeout(after: Duration, waited_for: &[String]) -> Self {
        Self::new(
            RunErrorKind::StartTimeout,
            format!(
                "no partitions within start_timeout = {after:?} for {}: the cluster cannot be reached, or topics or other members are waited for",
                waited_for.join(", ")
            ),
        )
    }

    pub(crate) fn drain_deadline(after: Duration) -> Self {
        Self::new(
            RunErrorKind::DrainDeadline,
            format!(
                "not everything had ended within drain_timeout = {after:?}; messages that were being handled come again after the next start"
            ),
        )
    }

    pub(crate) fn unsent(messages: &str) -> Self {
        Self::new(
            RunErrorKind::Unsent,
            format!(
                "not sent before the end: {messages}; a reply or a dead letter among them is written when its message comes again, since that is not settled, and whoever made a request was told; await `Producer::send` for all others, so that a failure is seen where it can be mended"
            ),
        )
    }

    pub(crate) fn second_signal() -> Self {
        Self::new(
            RunErrorKind::SecondSignal,
            "a second signal ended the application before its messages were settled; they come again after the next start",
        )
    }

    pub(crate) fn ended() -> Self {
        Self::new(RunErrorKind::Ended, "the application ended before it was ready")
    }

    pub(crate) fn cut_off() -> Self {
        Self::new(
            RunErrorKind::Ended,
            "the application was cut off: its runtime was shut down while it ran, or it panicked",
        )
    }

    /// Which kind it is.
    pub fn kind(&self) -> RunErrorKind {
        self.inner.kind
    }

    /// What a process that ends with it says: 1 failed while running, 2 configuration or start, 3 cut short
    /// by the drain's deadline or a second signal.
    pub fn exit_code(&self) -> u8 {
        self.inner.kind.exit_status().code()
    }

    /// The error of the start, if that is what it is.
    pub fn as_start_error(&self) -> Option<&StartError> {
        self.inner.source.as_ref()?.downcast_ref()
    }
}

impl From<StartError> for RunError {
    fn from(error: StartError) -> Self {
        Self::with_source(RunErrorKind::Start, String::new(), error)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_start_error() {
            Some(error) => fmt::Display::fmt(error, formatter),
            None => formatter.write_str(&self.inner.message),
        }
    }
}

impl fmt::Debug for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::error_report::with_causes(self, formatter)
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.as_start_error() {
            // Its text is this error's own text.
            Some(error) => error.source(),
            None => self.inner.source.as_ref().map(|source| &**source as _),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::start_error::StartErrorKind;
    use std::error::Error as _;

    #[test]
    fn unsent_messages_are_told_by_what_became_of_whom_they_were_for() {
        let text = RunError::unsent("1 message to topic sums.reply").to_string();
        for part in
            ["1 message to topic sums.reply; a reply", "whoever made a request", "await `Producer::send` for all"]
        {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn an_error_of_the_start_shows_its_text_and_its_cause_once() {
        let start = StartError::with_source(StartErrorKind::Hook, "an `on_start` hook failed", "no schema");
        let run = RunError::from(start.clone());
        assert_eq!(run.to_string(), start.to_string());
        assert_eq!(format!("{run:?}"), "an `on_start` hook failed: no schema");
        assert_eq!(run.source().map(ToString::to_string).as_deref(), Some("no schema"));
        assert_eq!(run.as_start_error().map(StartError::kind), Some(StartErrorKind::Hook));
        assert_eq!(run.exit_code(), start.exit_code());
    }
}
