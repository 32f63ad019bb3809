//! `${VAR}` and `${VAR:default}` in the strings of files.

use crate::variables::Variables;

/// A string after its variables were put in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expanded {
    pub(crate) text: String,
    /// The variable whose `${..}` was the whole string.
    pub(crate) whole: Option<String>,
}

/// Puts variables into a string, once: what a variable holds is not expanded again.
///
/// `$${` stands for a literal `${`. The first `:` splits the name from the default. A variable that is set to the empty text
/// counts as not set where there is a default. Fails with every mistake in the string.
pub(crate) fn expand(source: &str, variables: &Variables<'_>) -> Result<Expanded, Vec<String>> {
    let mut text = String::with_capacity(source.len());
    let mut whole = None;
    let mut mistakes = Vec::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            text.push_str(before);
            text.push_str("${");
            rest = after;
            continue;
        }
        text.push_str(before);
        let Some((reference, after)) = after.split_once('}') else {
            mistakes.push("`${` is not closed by `}`; write `$${` for a literal `${`".to_owned());
            rest = "";
            break;
        };
        match resolve(reference, variables) {
            Ok((name, value)) => {
                text.push_str(value);
                if rest.len() == source.len() && before.is_empty() && after.is_empty() {
                    whole = Some(name.to_owned());
                }
            }
            Err(mistake) => mistakes.push(mistake),
        }
        rest = after;
    }
    text.push_str(rest);
    if mistakes.is_empty() { Ok(Expanded { text, whole }) } else { Err(mistakes) }
}

fn resolve<'r>(reference: &'r str, variables: &Variables<'r>) -> Result<(&'r str, &'r str), String> {
    let (name, default) = match reference.split_once(':') {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    if !is_name(name) {
        return Err(
            "what stands between `${` and `}` or `:` is not a variable's name (letters, digits and `_`)".to_owned()
        );
    }
    if default.is_some_and(|default| default.contains("${")) {
        return Err(format!("the default of `${{{name}:..}}` holds a `${{`, but variables are expanded once"));
    }
    if variables.is_unreadable(name) {
        return Err(format!("the variable `{name}` is not valid UTF-8"));
    }
    match (variables.get(name), default) {
        (Some("") | None, Some(default)) => Ok((name, default)),
        (Some(value), _) => Ok((name, value)),
        (None, None) => {
            Err(format!("the variable `{name}` is not set and has no default; set it, or write `${{{name}:default}}`"))
        }
    }
}

fn is_name(name: &str) -> bool {
    let begins_with_digit = name.starts_with(|character: char| character.is_ascii_digit());
    !name.is_empty()
        && !begins_with_digit
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::expand;
    use crate::variables::Variables;

    fn expanded(source: &str) -> (String, Option<String>) {
        let pairs = [("HOST", "broker"), ("EMPTY", ""), ("NESTED", "${HOST}")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let expanded = expand(source, &Variables::new(&pairs, &[])).unwrap();
        (expanded.text, expanded.whole)
    }

    fn mistakes(source: &str) -> Vec<String> {
        expand(source, &Variables::new(&[], &["BYTES".to_owned()])).unwrap_err()
    }

    #[test]
    fn a_variable_is_put_in() {
        assert_eq!(expanded("${HOST}"), ("broker".into(), Some("HOST".into())));
        assert_eq!(expanded("a ${HOST}:${HOST} b"), ("a broker:broker b".into(), None));
        assert_eq!(expanded("${HOST}${HOST}"), ("brokerbroker".into(), None));
    }

    #[test]
    fn the_first_colon_splits_off_the_default() {
        assert_eq!(expanded("${PORT:a:9092}").0, "a:9092");
        assert_eq!(expanded("${HOST:other}").0, "broker");
        assert_eq!(expanded("${PORT:}").0, "");
    }

    #[test]
    fn an_empty_variable_gives_way_to_the_default() {
        assert_eq!(expanded("${EMPTY:embedded}").0, "embedded");
        assert_eq!(expanded("${EMPTY}").0, "");
    }

    #[test]
    fn a_doubled_dollar_escapes() {
        assert_eq!(expanded("$${HOST}"), ("${HOST}".into(), None));
        assert_eq!(expanded("$$${HOST}").0, "$${HOST}");
        assert_eq!(expanded("$ $$ {HOST} $HOST").0, "$ $$ {HOST} $HOST");
    }

    #[test]
    fn expansion_happens_once() {
        assert_eq!(expanded("${NESTED}").0, "${HOST}");
    }

    #[test]
    fn every_mistake_of_a_string_is_told() {
        let all = mistakes("${A} ${1} ${B:${C}} ${BYTES} ${");
        assert_eq!(all.len(), 5, "{all:?}");
        assert!(all[0].contains("`A` is not set"));
        assert!(all[3].contains("UTF-8"));
        assert!(all[4].contains("not closed"));
    }
}
