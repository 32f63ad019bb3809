//! What a value is when a type asks for it.

use serde::de::Visitor;

use crate::access::{Elements, Entries};
use crate::fault::Fault;
use crate::key_path::KeyPath;
use crate::node::{Node, Table, Value};
use crate::toml_source::read_value;
use crate::usage::Usage;

/// A node that is being read.
pub(crate) struct Reader<'n> {
    pub(crate) node: &'n Node,
    pub(crate) path: KeyPath,
    /// Nothing for keys, which are no values.
    pub(crate) usage: Option<&'n Usage>,
}

impl<'n> Reader<'n> {
    /// Lets a visitor have the value, and says where it stands if it refuses.
    pub(crate) fn visit<V>(self, visit: impl FnOnce(&Self) -> Result<V, Fault>) -> Result<V, Fault> {
        if let Some(usage) = self.usage {
            usage.marks().mark_read(&self.path);
        }
        if let Value::Broken(problem) = &self.node.value {
            return Err(Fault::placed(problem.clone()));
        }
        visit(&self).map_err(|fault| fault.at(self.node, &self.path))
    }

    pub(crate) fn found(&self, expected: &str) -> Fault {
        Fault::rule(format!("expects {expected}, found {}", self.node.value.kind()))
    }

    pub(crate) fn boolean(&self) -> Result<bool, Fault> {
        match &self.node.value {
            Value::Boolean(boolean) => Ok(*boolean),
            Value::Untyped(text) => text.trim().parse().map_err(|_| Fault::rule("expects true or false")),
            Value::String(text) if matches!(text.as_str(), "true" | "false") => {
                Err(self.found("true or false").suggest("remove the quotes"))
            }
            _ => Err(self.found("true or false")),
        }
    }

    pub(crate) fn integer<T: TryFrom<i128>>(&self, least: impl Into<i128>, most: impl Into<i128>) -> Result<T, Fault> {
        let expected = || format!("an integer from {} to {}", least.into(), most.into());
        let integer = match &self.node.value {
            Value::Integer(integer) => i128::from(*integer),
            Value::Untyped(text) => match text.trim().parse() {
                Ok(integer) => integer,
                Err(_) => return Err(Fault::rule(format!("expects {}", expected()))),
            },
            Value::String(text) if text.parse::<i128>().is_ok() => {
                return Err(self.found(&expected()).suggest("remove the quotes"));
            }
            _ => return Err(self.found(&expected())),
        };
        T::try_from(integer).map_err(|_| Fault::rule(format!("expects {}", expected())))
    }

    pub(crate) fn float(&self) -> Result<f64, Fault> {
        match &self.node.value {
            Value::Float(float) => Ok(*float),
            // Above 2^53 the nearest float is what TOML's own readers give for the same digits with a fraction.
            #[allow(clippy::cast_precision_loss)]
            Value::Integer(integer) => Ok(*integer as f64),
            Value::Untyped(text) => text.trim().parse().map_err(|_| Fault::rule("expects a number")),
            _ => Err(self.found("a number")),
        }
    }

    pub(crate) fn text(&self) -> Result<&'n str, Fault> {
        match &self.node.value {
            Value::String(text) | Value::Untyped(text) | Value::Datetime(text) => Ok(text),
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) => {
                Err(self.found("a string").suggest("put it in quotes"))
            }
            _ => Err(self.found("a string")),
        }
    }

    pub(crate) fn list<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Array(elements) => visitor.visit_seq(self.elements(elements)),
            Value::Untyped(text) => visitor.visit_seq(self.elements(&self.split(text)?)),
            Value::String(_) => Err(self.found("a list").suggest(format!("write [{}]", self.node.value.to_toml()))),
            _ => Err(self.found("a list")),
        }
    }

    fn split(&self, text: &str) -> Result<Vec<Node>, Fault> {
        let trimmed = text.trim();
        if trimmed.starts_with('[') {
            return match read_value(trimmed, &self.node.origin) {
                Ok(Value::Array(elements)) => Ok(elements),
                Ok(_) => Err(Fault::rule("a list that begins with `[` is one TOML array")),
                Err(mistake) => Err(Fault::rule(format!("a list that begins with `[` is a TOML array: {mistake}"))),
            };
        }
        let element = |text: &str| Node::new(Value::Untyped(text.trim().to_owned()), self.node.origin.clone());
        Ok(trimmed.split(',').map(element).collect())
    }

    fn elements<'e>(&self, elements: &'e [Node]) -> Elements<'e>
    where
        'n: 'e,
    {
        Elements { nodes: elements.iter(), next: 0, path: self.path.clone(), usage: self.usage }
    }

    pub(crate) fn entries(&self, table: &'n Table) -> Entries<'n> {
        Entries { nodes: table.iter(), value: None, path: self.path.clone(), usage: self.usage }
    }

    pub(crate) fn table<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Table(table) => visitor.visit_map(self.entries(table)),
            _ => Err(self.found("a table")),
        }
    }

    pub(crate) fn any<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Unset => visitor.visit_unit(),
            Value::Boolean(boolean) => visitor.visit_bool(*boolean),
            Value::Integer(integer) => visitor.visit_i64(*integer),
            Value::Float(float) => visitor.visit_f64(*float),
            Value::String(text) | Value::Untyped(text) | Value::Datetime(text) => visitor.visit_str(text),
            Value::Array(_) => self.list(visitor),
            Value::Table(_) => self.table(visitor),
            Value::Broken(problem) => Err(Fault::placed(problem.clone())),
        }
    }
}
