//! Why a type did not take a value, in the type's words only.

use serde::de::{Error, Expected, Unexpected};
use std::fmt;

/// Why, and where: the path is put together while the error travels out.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// From the innermost to the outermost.
    path: Vec<Segment>,
    /// Nothing when the tree cannot tell: then the path means nothing either.
    why: Option<String>,
}

#[derive(Debug)]
enum Segment {
    /// A field or variant that the type declares.
    Name(&'static str),
    /// A place in a list.
    Index(usize),
    /// A key that only the payload knows.
    Unnamed,
}

impl Refusal {
    fn new(why: impl Into<String>) -> Self {
        Self { path: Vec::new(), why: Some(why.into()) }
    }

    /// For values of which only `serde_json` itself knows how to read them.
    pub(super) fn unexplained() -> Self {
        Self { path: Vec::new(), why: None }
    }

    pub(super) fn in_field(mut self, name: Option<&'static str>) -> Self {
        self.path.push(name.map_or(Segment::Unnamed, Segment::Name));
        self
    }

    pub(super) fn in_element(mut self, index: usize) -> Self {
        self.path.push(Segment::Index(index));
        self
    }
}

/// The kind of a value, without the value.
fn found(unexpected: &Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a number",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map | Unexpected::NewtypeStruct => "an object",
        Unexpected::UnitVariant => "nothing",
        _ => "something else",
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Error for Refusal {
    // The text is the type's author's, and may quote the value.
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        match message.strip_prefix("data did not match any variant of untagged enum ") {
            Some(name) if name.chars().all(|each| each.is_alphanumeric() || each == '_') => {
                Self::new(format!("no variant of the untagged enum {name} fits"))
            }
            _ => Self::new("the type refuses the value"),
        }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", found(&unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {} that is none", found(&unexpected)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {length} elements"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("not one of {}", list(expected)))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        let has = if expected.is_empty() { "none".to_owned() } else { list(expected) };
        Self::new(format!("there is a field that the type does not have; it has {has}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("field `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("field `{field}` stands there twice"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(why) = &self.why else {
            return formatter.write_str("its JSON does not fit the type");
        };
        if self.path.is_empty() {
            return formatter.write_str(why);
        }
        let mut dot = "";
        formatter.write_str("`")?;
        for segment in self.path.iter().rev() {
            match segment {
                Segment::Index(index) => write!(formatter, "[{index}]")?,
                Segment::Name(name) => write!(formatter, "{dot}{name}")?,
                Segment::Unnamed => write!(formatter, "{dot}*")?,
            }
            dot = ".";
        }
        write!(formatter, "`: {why}")
    }
}

impl std::error::Error for Refusal {}
