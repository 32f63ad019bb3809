//! Where a value came from.

use std::fmt;
use std::sync::Arc;

/// The layer that set a value. The order is the order of precedence: a later layer wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// The program's own source: an attribute or a call. No source of a [`Tree`](crate::Tree) has it; it is for values
    /// that the program's annotations and the configuration decide together.
    Code,
    /// Values given in memory by the program ([`Request::base`](crate::Request::base)), mostly by tests.
    Base,
    /// `default.toml`.
    DefaultFile,
    /// The file of the environment, such as `production.toml`.
    EnvironmentFile,
    /// `local.toml`: one person's own values, in `development` only.
    LocalFile,
    /// A `MILLSTREAM__..` variable.
    Environment,
    /// A `--set` on the command line.
    Override,
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Layer::Code => "code",
            Layer::Base => "base",
            Layer::DefaultFile => "default file",
            Layer::EnvironmentFile => "environment file",
            Layer::LocalFile => "local file",
            Layer::Environment => "environment variable",
            Layer::Override => "--set",
        })
    }
}

/// The spot inside a layer that set a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A spot in a file, or in the text given as [`Request::base`](crate::Request::base) (then `file` is `base`).
    File {
        /// The file as it is shown to people: relative to the working directory where that is shorter.
        file: Arc<str>,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
    },
    /// The environment variable of this name.
    Variable(Arc<str>),
    /// The `--set` of this key. The value is left out because it may be a secret.
    Override(Arc<str>),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { file, line, column } => write!(formatter, "{file}:{line}:{column}"),
            Place::Variable(name) => formatter.write_str(name),
            Place::Override(key) => write!(formatter, "--set {key}"),
        }
    }
}

/// Which layer set a value, and where in it.
///
/// Shown as `config/default.toml:12:9`, `MILLSTREAM__KAFKA__CLIENT_ID` or `--set kafka.client_id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// The spot in the layer.
    pub place: Place,
    /// The variable whose `${..}` made up the whole value, where one did.
    pub variable: Option<Arc<str>>,
}

impl Origin {
    /// An origin whose value was written out, not expanded from a variable.
    pub fn new(layer: Layer, place: Place) -> Self {
        Self { layer, place, variable: None }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.place)?;
        match &self.variable {
            Some(variable) => write!(formatter, " from ${{{variable}}}"),
            None => Ok(()),
        }
    }
}
