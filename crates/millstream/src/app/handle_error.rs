//! Why a running application refused what its handle was asked for.

use millstream_config::nearest;
use std::fmt;

/// Why a running application refused what its handle was asked for. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleError {
    kind: HandleErrorKind,
    message: String,
}

/// The kinds of [`HandleError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandleErrorKind {
    /// No listener of the application has this id.
    UnknownListener,
    /// The listener reads no partition of this name in this process now.
    NotAssigned,
    /// The offset or the message is not one that this can be done with.
    Refused,
    /// The application has not started its listeners yet, or has ended.
    NotRunning,
}

impl HandleError {
    pub(crate) fn unknown_listener<'a>(listener: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Self {
        let hint = if let Some(near) = nearest(listener, known.clone()) {
            format!("; did you mean `{near}`?")
        } else {
            let known: Vec<_> = known.into_iter().map(|id| format!("`{id}`")).collect();
            format!("; there are {}", known.join(", "))
        };
        Self { kind: HandleErrorKind::UnknownListener, message: format!("there is no listener `{listener}`{hint}") }
    }

    pub(crate) fn not_assigned(listener: &str, topic: &str, partition: Option<i32>) -> Self {
        let what = match partition {
            Some(partition) => format!("partition {partition} of topic `{topic}`"),
            None => format!("a partition of topic `{topic}`"),
        };
        Self {
            kind: HandleErrorKind::NotAssigned,
            message: format!(
                "listener `{listener}` does not read {what} in this process; another member of its group may"
            ),
        }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { kind: HandleErrorKind::Refused, message: message.into() }
    }

    pub(crate) fn not_running() -> Self {
        Self {
            kind: HandleErrorKind::NotRunning,
            message: "the application's listeners are not running: they have not started yet, or have ended".into(),
        }
    }

    /// Which kind it is.
    pub fn kind(&self) -> HandleErrorKind {
        self.kind
    }
}

impl fmt::Display for HandleError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for HandleError {}
