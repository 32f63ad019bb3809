//! What a type says when it refuses a value, before and after it is known where the value stands.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::key_path::{KeyPath, quote_key};
use crate::nearest::nearest;
use crate::node::Node;
use crate::problem::Problem;
use crate::redact::{REDACTED, is_secret_key};

/// An error of reading, for serde.
#[derive(Debug)]
pub(crate) struct Fault {
    problem: Problem,
    kind: FaultKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FaultKind {
    /// It is known where the value stands.
    Placed,
    /// About the value at hand; the rule is worded here, without the value in it.
    Value,
    /// About the value at hand, in words of a foreign type, which may quote it.
    Foreign,
    /// A field of the table at hand is not there.
    Missing(&'static str),
    /// The key at hand.
    Key,
}

impl Fault {
    fn of(kind: FaultKind, rule: impl Into<String>) -> Self {
        Self { problem: Problem::new(rule), kind }
    }

    /// The value at hand breaks a rule.
    pub(crate) fn rule(rule: impl Into<String>) -> Self {
        Self::of(FaultKind::Value, rule)
    }

    /// A problem that knows its place already.
    pub(crate) fn placed(problem: Problem) -> Self {
        Self { problem, kind: FaultKind::Placed }
    }

    pub(crate) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.problem = self.problem.with_suggestion(suggestion);
        self
    }

    /// Says where the value stands, unless that is known already.
    pub(crate) fn at(self, node: &Node, path: &KeyPath) -> Self {
        let problem = self.problem;
        let problem = match self.kind {
            FaultKind::Placed => problem,
            FaultKind::Value => problem.with_key(path.to_string()).with_value(&node.value.to_toml()),
            FaultKind::Foreign => foreign(problem, node, path),
            FaultKind::Missing(field) => problem.with_key(path.key(field).to_string()),
            FaultKind::Key => problem.with_key(path.to_string()),
        };
        let problem = match (self.kind, problem.place()) {
            (FaultKind::Placed, _) | (_, Some(_)) => problem,
            (FaultKind::Missing(field), None) => {
                let rule = format!("is missing from the table that begins at {}", node.origin);
                problem.with_rule(rule).with_suggestion(format!("add `{} = ..` to it", quote_key(field)))
            }
            (_, None) => problem.with_place(node.origin.clone()),
        };
        Self::placed(problem)
    }

    pub(crate) fn into_problem(self) -> Problem {
        self.problem
    }
}

/// A foreign type's words, unless they may quote a secret.
fn foreign(problem: Problem, node: &Node, path: &KeyPath) -> Problem {
    let key = path.to_string();
    let value = node.value.to_toml();
    let problem = if is_secret_key(&key) || value.contains(REDACTED) {
        problem.with_rule("is refused by the type that reads it, for a reason that may quote the secret")
    } else {
        problem
    };
    problem.with_key(key).with_value(&value)
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.problem, formatter)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of(FaultKind::Foreign, message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::rule(format!("expects {expected}, found {}", kind_of(&unexpected)))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::rule(format!("expects {expected}"))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::rule(format!("expects {expected}, found {length} elements"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let names: Vec<String> = expected.iter().map(|name| format!("\"{name}\"")).collect();
        let fault = Self::rule(match names.as_slice() {
            [] => "expects nothing that can be written".to_owned(),
            [only] => format!("expects {only}"),
            several => format!("expects one of {}", several.join(", ")),
        });
        match nearest(variant, expected.iter().copied()) {
            Some(near) => fault.suggest(format!("did you mean \"{near}\"?")),
            None => fault,
        }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let fault = Self::of(FaultKind::Key, "unknown key");
        match nearest(field, expected.iter().copied()) {
            Some(near) => fault.suggest(format!("did you mean `{near}`?")),
            None => fault,
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(FaultKind::Missing(field), "is missing")
    }
}

fn kind_of(unexpected: &Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a float",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "a text",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a table",
        _ => "something else",
    }
}
