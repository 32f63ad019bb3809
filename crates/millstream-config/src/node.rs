//! Values with their origin.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::key_path::{quote_key, quote_string};
use crate::origin::Origin;
use crate::problem::Problem;
use crate::redact::{REDACTED, is_secret_key, redact_urls};

/// The keys of a table and what stands at each, sorted by key. Keys are exact segments: a dot in one is part of its name.
pub type Table = BTreeMap<String, Node>;

/// A value and the place that set it.
///
/// `Debug` shows the kind of the value only: whether a value is secret is known by its key.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// The value.
    pub value: Value,
    /// The place that set it. A table's is where the first layer that has it opens it.
    pub origin: Origin,
}

/// What stands at a key. `Debug` shows its kind only.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `""` or `[]`: the key counts as absent, and hides what earlier layers say.
    Unset,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, infinite, or not a number.
    Float(f64),
    /// A text that is a string whatever is asked for.
    String(String),
    /// A text whose type is decided by what is asked for: from the environment, an unquoted `--set`, or one `${..}` alone.
    Untyped(String),
    /// A date, a time or both, as it was written.
    Datetime(String),
    /// A list.
    Array(Vec<Node>),
    /// A table.
    Table(Table),
    /// What stood here could not be read; reading it gives this problem again.
    Broken(Problem),
}

impl Node {
    /// A value set by `origin`.
    pub fn new(value: Value, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// Whether the key counts as absent.
    pub fn is_unset(&self) -> bool {
        matches!(self.value, Value::Unset)
    }

    /// The text of a value that is not a list or a table: `6000` for the integer, without quotes for a string.
    ///
    /// For targets that take texts only, such as the properties of librdkafka.
    pub fn scalar_text(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::String(text) | Value::Untyped(text) | Value::Datetime(text) => Some(Cow::Borrowed(text)),
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) => Some(Cow::Owned(self.value.to_toml())),
            Value::Unset | Value::Array(_) | Value::Table(_) | Value::Broken(_) => None,
        }
    }
}

impl Value {
    /// The value as TOML on one line, with secrets replaced by `***`: those of tables by their keys, and passwords in URLs.
    ///
    /// Whether the value itself is secret is for the caller to know, by [`is_secret_key`].
    pub fn to_toml(&self) -> String {
        match self {
            Value::Unset => "\"\"".to_owned(),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Integer(integer) => integer.to_string(),
            Value::Float(float) => float_to_toml(*float),
            Value::String(text) | Value::Untyped(text) => quote_string(&redact_urls(text)),
            Value::Datetime(text) => text.clone(),
            Value::Array(elements) => {
                let elements: Vec<String> = elements.iter().map(|node| node.value.to_toml()).collect();
                format!("[{}]", elements.join(", "))
            }
            Value::Table(table) => {
                let entries: Vec<String> = table.iter().map(|(key, node)| entry_to_toml(key, &node.value)).collect();
                if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
            }
            // Its text is not known to be harmless.
            Value::Broken(_) => quote_string(REDACTED),
        }
    }

    /// What kind of value this is, in the words of an error message.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Unset => "nothing",
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::String(_) => "a string",
            Value::Untyped(_) => "a text",
            Value::Datetime(_) => "a date or time",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
            Value::Broken(_) => "a value that could not be read",
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} set by {}", self.value, self.origin)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind())
    }
}

fn entry_to_toml(key: &str, value: &Value) -> String {
    let value = if is_secret_key(key) { quote_string(REDACTED) } else { value.to_toml() };
    format!("{} = {value}", quote_key(key))
}

fn float_to_toml(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    // Debug, unlike Display, always writes a fraction or an exponent, without which it would be an integer.
    format!("{float:?}")
}

#[cfg(test)]
mod tests {
    use super::{Node, Value};
    use crate::origin::{Layer, Origin, Place};

    fn node(value: Value) -> Node {
        Node::new(value, Origin::new(Layer::Override, Place::Override("k".into())))
    }

    #[test]
    fn values_are_shown_as_toml() {
        let table = [
            ("a.b".to_owned(), node(Value::Float(1.0))),
            ("c".to_owned(), node(Value::Array(vec![node(Value::String("x\"".into())), node(Value::Boolean(true))]))),
            ("password".to_owned(), node(Value::Integer(7))),
        ];
        assert_eq!(Value::Table(table.into()).to_toml(), r#"{ "a.b" = 1.0, c = ["x\"", true], password = "***" }"#);
    }

    #[test]
    fn debug_shows_no_value() {
        let node = node(Value::Untyped("hunter2".into()));
        assert_eq!(format!("{node:?}"), "a text set by --set k");
    }

    #[test]
    fn floats_stay_floats() {
        for (float, toml) in
            [(1e300, "1e300"), (-0.0, "-0.0"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf"), (f64::NAN, "nan")]
        {
            assert_eq!(Value::Float(float).to_toml(), toml);
        }
    }

    #[test]
    fn scalars_have_a_text() {
        assert_eq!(node(Value::Integer(6000)).scalar_text().as_deref(), Some("6000"));
        assert_eq!(node(Value::Untyped("007".into())).scalar_text().as_deref(), Some("007"));
        assert_eq!(node(Value::Array(vec![])).scalar_text(), None);
    }
}
