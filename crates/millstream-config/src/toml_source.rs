//! A TOML text becomes a table with an origin on every value.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::expand::expand;
use crate::key_path::{KeyPath, quote_string};
use crate::line_index::LineIndex;
use crate::node::{Node, Table, Value};
use crate::origin::{Layer, Origin, Place};
use crate::problem::{Problem, Problems};
use crate::variables::Variables;

/// Reads a text. What could be read is returned along with the problems of the rest.
pub(crate) fn read_toml(
    text: &str,
    file: &str,
    layer: Layer,
    variables: &Variables<'_>,
    problems: &mut Problems,
) -> Table {
    let mut found = Problems::default();
    let mut reader = Reader { lines: LineIndex::new(text), file: file.into(), layer, variables, problems: &mut found };
    let (document, errors) = DeTable::parse_recoverable(text);
    let table = if errors.is_empty() {
        reader.table(document.get_ref(), &KeyPath::root())
    } else {
        reader.syntax_errors(text, &errors);
        // A table guessed from a broken text would give misleading problems further on.
        Table::new()
    };
    let mut found: Vec<Problem> = found.into_iter().collect();
    found.sort_by(|one, other| one.place().cmp(&other.place()));
    problems.extend(found);
    table
}

/// Reads one value, written as in a TOML file, whose parts all have the same origin. Nothing is expanded.
pub(crate) fn read_value(text: &str, origin: &Origin) -> Result<Value, String> {
    let document = format!("value = {text}\n");
    let table = DeTable::parse(&document).map_err(|error| error.message().to_owned())?;
    let mut entries = table.get_ref().iter();
    match (entries.next(), entries.next()) {
        (Some((_, value)), None) => plain_value(value.get_ref(), origin),
        _ => Err("it is more than one value".to_owned()),
    }
}

fn plain_value(value: &DeValue<'_>, origin: &Origin) -> Result<Value, String> {
    let node = |value: &Spanned<DeValue<'_>>| {
        plain_value(value.get_ref(), origin).map(|value| Node::new(value, origin.clone()))
    };
    Ok(match value {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Array(array) => Value::Array(array.iter().map(node).collect::<Result<_, _>>()?),
        DeValue::Table(table) => Value::Table(
            table
                .iter()
                .map(|(key, value)| Ok((key.get_ref().clone().into_owned(), node(value)?)))
                .collect::<Result<_, String>>()?,
        ),
        scalar => scalar_value(scalar)?,
    })
}

fn scalar_value(value: &DeValue<'_>) -> Result<Value, String> {
    match value {
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map(Value::Integer)
            .map_err(|_| "expects an integer of at most 64 bits".to_owned()),
        DeValue::Float(float) => float.as_str().parse().map(Value::Float).map_err(|_| "expects a float".to_owned()),
        DeValue::Boolean(boolean) => Ok(Value::Boolean(*boolean)),
        DeValue::Datetime(datetime) => Ok(Value::Datetime(datetime.to_string())),
        DeValue::String(_) | DeValue::Array(_) | DeValue::Table(_) => Err("expects a scalar".to_owned()),
    }
}

struct Reader<'r, 'v> {
    lines: LineIndex<'r>,
    file: Arc<str>,
    layer: Layer,
    variables: &'r Variables<'v>,
    problems: &'r mut Problems,
}

impl Reader<'_, '_> {
    fn origin(&self, offset: usize) -> Origin {
        let (line, column) = self.lines.position(offset);
        let file = Arc::clone(&self.file);
        Origin::new(self.layer, Place::File { file, line, column })
    }

    fn syntax_errors(&mut self, text: &str, errors: &[toml::de::Error]) {
        let mut errors: Vec<(Range<usize>, &str)> =
            errors.iter().map(|error| (error.span().unwrap_or_default(), error.message())).collect();
        errors.sort_by_key(|(span, _)| span.start);
        // What follows the first error of a line is mostly its consequence.
        errors.dedup_by_key(|(span, _)| self.lines.position(span.start).0);
        for (span, message) in errors {
            let place = self.origin(span.start);
            // Only a key may be quoted from the file: a value could be a secret.
            let subject = match text.get(span) {
                Some(key) if message == "duplicate key" => format!(" `{}`", key.trim()),
                _ => String::new(),
            };
            self.problems.push(Problem::new(format!("is not valid TOML: {message}{subject}")).with_place(place));
        }
    }

    fn table(&mut self, table: &DeTable<'_>, path: &KeyPath) -> Table {
        table
            .iter()
            .map(|(key, value)| {
                let node = self.node(value, &path.key(key.get_ref()));
                (key.get_ref().clone().into_owned(), node)
            })
            .collect()
    }

    fn node(&mut self, spanned: &Spanned<DeValue<'_>>, path: &KeyPath) -> Node {
        let Range { start, .. } = spanned.span();
        let origin = self.origin(start);
        let value = match spanned.get_ref() {
            DeValue::String(text) => return self.string(text, path, origin),
            DeValue::Array(array) if array.is_empty() => Value::Unset,
            DeValue::Array(array) => Value::Array(
                (0..).zip(array.iter()).map(|(index, element)| self.element(element, &path.index(index))).collect(),
            ),
            DeValue::Table(table) => Value::Table(self.table(table, path)),
            scalar => match scalar_value(scalar) {
                Ok(value) => value,
                Err(rule) => {
                    let problem = Problem::new(rule).with_key(path.to_string()).with_place(origin.clone());
                    self.broken(problem)
                }
            },
        };
        Node::new(value, origin)
    }

    /// An element of a list: there, an empty text or list is a value like any other.
    fn element(&mut self, element: &Spanned<DeValue<'_>>, path: &KeyPath) -> Node {
        let node = self.node(element, path);
        let value = match (node.value, element.get_ref()) {
            (Value::Unset, DeValue::Array(_)) => Value::Array(Vec::new()),
            (Value::Unset, _) if node.origin.variable.is_some() => Value::Untyped(String::new()),
            (Value::Unset, _) => Value::String(String::new()),
            (value, _) => value,
        };
        Node::new(value, node.origin)
    }

    fn string(&mut self, text: &str, path: &KeyPath, mut origin: Origin) -> Node {
        let value = match expand(text, self.variables) {
            Ok(expanded) => {
                origin.variable = expanded.whole.map(Into::into);
                match (expanded.text.is_empty(), origin.variable.is_some()) {
                    (true, _) => Value::Unset,
                    (false, true) => Value::Untyped(expanded.text),
                    (false, false) => Value::String(expanded.text),
                }
            }
            Err(mistakes) => {
                let problem = Problem::new(mistakes.join("\n"))
                    .with_key(path.to_string())
                    .with_value(&quote_string(&hide_defaults(text)))
                    .with_place(origin.clone());
                self.broken(problem)
            }
        };
        Node::new(value, origin)
    }

    fn broken(&mut self, problem: Problem) -> Value {
        self.problems.push(problem.clone());
        Value::Broken(problem)
    }
}

/// The string with the defaults of its variables left out: a default may be a password under a harmless key.
fn hide_defaults(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        shown.push_str(before);
        shown.push_str("${");
        let (reference, after, end) = match after.split_once('}') {
            Some((reference, after)) => (reference, after, "}"),
            None => (after, "", ""),
        };
        match reference.split_once(':') {
            Some((name, _)) => shown.extend([name, ":.."]),
            None => shown.push_str(reference),
        }
        shown.push_str(end);
        rest = after;
    }
    shown.push_str(rest);
    shown
}
