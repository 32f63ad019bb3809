//! The error of a listener: any error, and whether retrying it can help.

use std::fmt;

/// The boxed form in which any error travels.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What a listener or a component returns when it fails.
///
/// Any error converts into it with `?`, `anyhow::Error` too. An error is worth a retry unless it was
/// made [terminal](Error::terminal): then the listener's `retries` are skipped and its `on_failure`
/// follows at once.
///
/// It does not implement [`std::error::Error`] itself, as that is what lets every other error convert
/// into it; [`Error::as_source`] gives the error inside.
///
/// ```
/// use millstream::{Error, TerminalExt};
///
/// fn parse(text: &str) -> millstream::Result<u32> {
///     // A text that is no number will not become one: no retry.
///     Ok(text.parse::<u32>().terminal()?)
/// }
///
/// assert!(parse("7").is_ok());
/// assert!(parse("seven").unwrap_err().is_terminal());
/// ```
pub struct Error {
    source: BoxError,
    terminal: bool,
}

/// The result of a listener; `E` is [`Error`] unless it is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error that may be retried, from a message or another error.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self { source: error.into(), terminal: false }
    }

    /// An error that no retry can mend.
    pub fn terminal(error: impl Into<BoxError>) -> Self {
        Self { source: error.into(), terminal: true }
    }

    /// Whether retries are skipped.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The error inside.
    pub fn as_source(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.source
    }

    /// Takes the error inside out.
    pub fn into_source(self) -> BoxError {
        self.source
    }

    pub(crate) fn make_terminal(mut self) -> Self {
        self.terminal = true;
        self
    }
}

impl<E: Into<BoxError>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.source)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Makes the error of a result terminal.
pub trait TerminalExt<T> {
    /// The same result, its error marked so that retries are skipped.
    fn terminal(self) -> Result<T>;
}

impl<T, E: Into<Error>> TerminalExt<T> for std::result::Result<T, E> {
    fn terminal(self) -> Result<T> {
        self.map_err(|error| error.into().make_terminal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_error_converts_and_may_be_retried() {
        let error: Error = "no".parse::<u32>().unwrap_err().into();
        assert!(!error.is_terminal());
        assert_eq!(error.to_string(), "invalid digit found in string");
    }

    #[test]
    fn terminal_on_a_result_marks_its_error() {
        let result: Result<u32> = "no".parse::<u32>().terminal();
        assert!(result.unwrap_err().is_terminal());
    }

    #[test]
    fn display_names_the_whole_chain_of_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::num::ParseIntError);
        let error = Error::new(Outer("no".parse::<u32>().unwrap_err()));
        assert_eq!(error.to_string(), "outer: invalid digit found in string");
    }
}
