//! `--set` arguments become tables.

use crate::environment_source::{insert, text_value};
use crate::key_path::KeyPath;
use crate::key_space::DEEPEST_KEY;
use crate::node::{Table, Value};
use crate::origin::{Layer, Origin, Place};
use crate::problem::Problem;
use crate::toml_source::read_value;

/// Reads one argument, `key=value` with the key in TOML's syntax.
///
/// A value that begins like a string, a list or a table of TOML has to be one. Anything else is a text whose type is decided
/// by what is asked for, like that of an environment variable, so that `007` stays a password.
pub(crate) fn read_override(argument: &str) -> Result<Table, Problem> {
    let (path, rest) = KeyPath::parse_prefix(argument).map_err(|mistake| {
        Problem::new(format!("the key of a --set is not a TOML key: {mistake}"))
            .with_suggestion("write --set 'kafka.client_id=\"billing\"'")
    })?;
    let key = path.to_string();
    let origin = Origin::new(Layer::Override, Place::Override(key.as_str().into()));
    let problem = |rule: String| Problem::new(rule).with_key(key.as_str()).with_place(origin.clone());
    let Some(text) = rest.strip_prefix('=') else {
        return Err(match rest.chars().next() {
            None => problem("a --set needs a value".to_owned()).with_suggestion(format!("write --set '{key}=VALUE'")),
            Some(found) => problem(format!("a --set has a `=` after its key, not `{}`", found.escape_debug()))
                .with_suggestion("quote the key's segments that hold anything but letters, digits, `_` and `-`"),
        });
    };
    let segments: Vec<String> = path.segments().map(str::to_owned).collect();
    if segments.len() > DEEPEST_KEY {
        return Err(problem(format!("the key has more than {DEEPEST_KEY} segments")));
    }
    let value = read_text(text, &origin).map_err(|mistake| {
        problem(format!("the value of a --set that begins with a quote or a bracket is TOML: {mistake}"))
    })?;
    let mut table = Table::new();
    insert(&mut table, &segments, value, &origin).map_err(|taken| problem(format!("`{taken}` stands in the way")))?;
    Ok(table)
}

fn read_text(text: &str, origin: &Origin) -> Result<Value, String> {
    let trimmed = text.trim();
    let is_toml = trimmed.starts_with(['"', '\'', '[', '{']);
    if !is_toml {
        return Ok(text_value(trimmed));
    }
    Ok(match read_value(trimmed, origin)? {
        Value::String(text) if text.is_empty() => Value::Unset,
        Value::Array(elements) if elements.is_empty() => Value::Unset,
        value => value,
    })
}

#[cfg(test)]
mod tests {
    use super::read_override;
    use crate::node::Value;

    fn value_of(argument: &str) -> Value {
        let mut table = read_override(argument).unwrap();
        loop {
            let (_, node) = table.pop_first().unwrap();
            match node.value {
                Value::Table(below) if !below.is_empty() => table = below,
                value => return value,
            }
        }
    }

    #[test]
    fn an_unquoted_value_keeps_its_text() {
        assert_eq!(value_of("a.b=c"), Value::Untyped("c".into()));
        assert_eq!(value_of("a.\"b.c\".d = 007 "), Value::Untyped("007".into()));
        assert_eq!(value_of("a = b = c"), Value::Untyped("b = c".into()));
    }

    #[test]
    fn a_quoted_value_is_toml() {
        assert_eq!(value_of("a=\"8\""), Value::String("8".into()));
        assert_eq!(value_of("a='x\\y'"), Value::String("x\\y".into()));
        assert!(matches!(value_of("a=[1, \"b\"]"), Value::Array(elements) if elements.len() == 2));
        assert!(matches!(value_of("a={}"), Value::Table(_)));
    }

    #[test]
    fn nothing_and_an_empty_list_unset() {
        for argument in ["a=", "a=\"\"", "a=[]", "a = [ ] "] {
            assert_eq!(value_of(argument), Value::Unset, "{argument}");
        }
    }

    #[test]
    fn mistakes_are_told_without_the_value() {
        for argument in ["", "=x", "a", "a b=hunter2", "a=\"hunter2", "a=[hunter2", "a=\"x\"\nb=1", "a..b=1"] {
            let problem = read_override(argument).unwrap_err();
            assert!(!problem.to_string().contains("hunter2"), "{problem}");
        }
    }
}
