//! A value, and who said it where.

use crate::registry::Location;
use millstream_config::{Layer, Origin, Place, Problem};
use std::fmt;

/// How specific the place is that says something, the most specific last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Nobody said anything.
    BuiltIn,
    /// `[kafka]`.
    Kafka,
    /// `[kafka.clusters.NAME]`.
    Cluster,
    /// `App::builder()`.
    Application,
    /// `[kafka.listener_defaults]`.
    Defaults,
    /// `[kafka.groups.NAME]`.
    Group,
    /// `#[consumer(..)]` and `[kafka.consumers.TYPE]`.
    Consumer,
    /// `#[kafka_listener(..)]`.
    Attribute,
    /// `[kafka.listeners.ID]`.
    Listener,
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::BuiltIn => "built-in",
            Self::Kafka => "[kafka]",
            Self::Cluster => "cluster",
            Self::Application => "application",
            Self::Defaults => "listener defaults",
            Self::Group => "group",
            Self::Consumer => "consumer",
            Self::Attribute => "attribute",
            Self::Listener => "listener",
        })
    }
}

/// Where a value stands, in words that a person finds it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) scope: Scope,
    /// The key in TOML's syntax, or the option's name and who has it.
    pub(crate) key: String,
    /// The value as TOML.
    pub(crate) value: String,
    /// Nothing for what is built in.
    pub(crate) origin: Option<Origin>,
}

impl Site {
    /// A problem with the value that stands here.
    pub(super) fn problem(&self, refusal: impl Into<Refusal>) -> Problem {
        let Refusal { rule, fix } = refusal.into();
        let mut problem = Problem::new(rule).with_key(&self.key);
        if !self.value.is_empty() {
            problem = problem.with_value(&self.value);
        }
        if let Some(origin) = &self.origin {
            problem = problem.with_place(origin.clone());
        }
        match fix {
            Some(fix) => problem.with_suggestion(fix),
            None => problem,
        }
    }
}

/// `start = "earliest" (config/default.toml:3:9)`, for problems that name two places.
impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(formatter, "{} = {} ({origin})", self.key, self.value),
            None => write!(formatter, "{} = {} (the built-in default)", self.key, self.value),
        }
    }
}

/// The origin of what the program's source says.
pub(super) fn in_source(location: Location) -> Origin {
    Origin::new(
        Layer::Code,
        Place::File {
            file: location.file.into(),
            line: location.line.try_into().unwrap_or(usize::MAX),
            column: location.column.try_into().unwrap_or(usize::MAX),
        },
    )
}

/// A value with the place that said it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said<T> {
    pub(super) value: T,
    pub(super) site: Site,
}

impl<T> Said<T> {
    /// What holds when nobody says anything.
    pub(super) fn built_in(option: &str, value: T, shown: &str) -> Self {
        let site = Site { scope: Scope::BuiltIn, key: option.to_owned(), value: shown.to_owned(), origin: None };
        Self { value, site }
    }
}

/// Why a value is refused, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) rule: String,
    pub(super) fix: Option<String>,
}

impl Refusal {
    pub(super) fn new(rule: impl Into<String>) -> Self {
        Self { rule: rule.into(), fix: None }
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

impl From<String> for Refusal {
    fn from(rule: String) -> Self {
        Self::new(rule)
    }
}

impl From<&str> for Refusal {
    fn from(rule: &str) -> Self {
        Self::new(rule)
    }
}
