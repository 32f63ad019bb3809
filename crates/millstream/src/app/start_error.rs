//! Why an application did not start.

use super::exit_code::ExitStatus;
use crate::error::{BoxError, Error};
use crate::registry::Location;
use millstream_config::{Problem, Problems};
use std::fmt;
use std::sync::Arc;

/// Why an application did not start.
///
/// `Debug` prints the whole report, every problem with its key, its value, its place and its fix, so that
/// returning it from `main` shows it. A process that ends with it has the exit code 2.
#[derive(Clone)]
pub struct StartError {
    inner: Arc<Inner>,
}

struct Inner {
    kind: StartErrorKind,
    message: String,
    problems: Problems,
    source: Option<BoxError>,
}

/// The kinds of [`StartError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartErrorKind {
    /// The command line cannot be understood.
    Arguments,
    /// Configuration, annotations or components do not fit: nothing was built, no broker was contacted.
    Configuration,
    /// The constructor of a component failed.
    Component,
    /// An `on_start` hook failed.
    Hook,
    /// A cluster refused: authentication failed, or a topic that must exist does not.
    Cluster,
    /// The process lacks something: no tokio runtime, no thread, no signal handler.
    Process,
}

impl StartError {
    pub(crate) fn new(kind: StartErrorKind, message: impl Into<String>) -> Self {
        Self::build(kind, message.into(), Problems::default(), None)
    }

    pub(crate) fn with_source(kind: StartErrorKind, message: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::build(kind, message.into(), Problems::default(), Some(source.into()))
    }

    pub(crate) fn with_problems(kind: StartErrorKind, problems: Problems) -> Self {
        let message = match problems.len() {
            1 => "the application cannot start: 1 problem".to_owned(),
            count => format!("the application cannot start: {count} problems"),
        };
        Self::build(kind, message, problems, None)
    }

    pub(crate) fn arguments(problems: impl IntoIterator<Item = Problem>) -> Self {
        Self::with_problems(StartErrorKind::Arguments, problems.into_iter().collect())
    }

    pub(crate) fn configuration(problems: impl IntoIterator<Item = Problem>) -> Self {
        Self::with_problems(StartErrorKind::Configuration, problems.into_iter().collect())
    }

    pub(crate) fn component(name: &str, location: Location, error: Error) -> Self {
        let message = format!("component `{name}` ({location}) could not be built");
        Self::with_source(StartErrorKind::Component, message, error.into_source())
    }

    fn build(kind: StartErrorKind, message: String, problems: Problems, source: Option<BoxError>) -> Self {
        Self { inner: Arc::new(Inner { kind, message, problems, source }) }
    }

    /// Which kind it is.
    pub fn kind(&self) -> StartErrorKind {
        self.inner.kind
    }

    /// What is wrong with configuration, annotations, components or the command line; empty for other kinds.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.inner.problems.iter()
    }

    /// What a process that ends with it says: 2.
    pub fn exit_code(&self) -> u8 {
        ExitStatus::Start.code()
    }

    fn report(&self) -> String {
        let problems = self.inner.problems.to_string();
        // The first line counts problems "in the configuration"; ours are of components and listeners too.
        match problems.split_once('\n') {
            Some((_, paragraphs)) if !self.inner.problems.is_empty() => format!("{}\n{paragraphs}", self.inner.message),
            _ => self.inner.message.clone(),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.report())
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::error_report::with_causes(self, formatter)
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_ref().map(|source| &**source as _)
    }
}
