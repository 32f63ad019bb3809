//! What is wrong with a configuration, told so that it can be put right.

use std::error::Error;
use std::fmt;

use crate::origin::Origin;
use crate::redact::{REDACTED, is_secret_key, redact_urls};

const LONGEST_VALUE: usize = 120;

/// One thing that is wrong: the key, its value, the place that set it, the rule it breaks and what to do.
///
/// A problem never holds a secret: the value of a key that [looks secret](crate::is_secret_key), and the password of a URL,
/// are replaced when they are given to it. `Debug` prints what `Display` prints.
///
/// ```
/// use millstream_config::Problem;
///
/// let problem = Problem::new("expects an integer from 1 to 64")
///     .with_key("kafka.listener_defaults.concurrency")
///     .with_value("0")
///     .with_suggestion("leave it out for 1");
/// assert_eq!(
///     problem.to_string(),
///     "kafka.listener_defaults.concurrency = 0: expects an integer from 1 to 64; leave it out for 1",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Problem(Box<Details>);

#[derive(Clone, PartialEq, Eq)]
struct Details {
    key: Option<String>,
    value: Option<String>,
    place: Option<Origin>,
    rule: String,
    suggestion: Option<String>,
}

impl Problem {
    /// A problem that breaks `rule`: lower case, no full stop at the end.
    pub fn new(rule: impl Into<String>) -> Self {
        Self(Box::new(Details { key: None, value: None, place: None, rule: rule.into(), suggestion: None }))
    }

    /// Names the key, in TOML's key syntax.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        let key = key.into();
        if is_secret_key(&key) && self.0.value.is_some() {
            self.0.value = Some(REDACTED.to_owned());
        }
        self.0.key = Some(key);
        self
    }

    /// Shows the value, as TOML; hidden where it is secret, cut where it is long.
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        let secret = self.0.key.as_deref().is_some_and(is_secret_key);
        self.0.value = Some(if secret { REDACTED.to_owned() } else { shorten(&redact_urls(value)) });
        self
    }

    /// Names the place that set the value.
    #[must_use]
    pub fn with_place(mut self, place: Origin) -> Self {
        self.0.place = Some(place);
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_suggestion(mut self, suggestion: impl Into<String>) -> Self {
        self.0.suggestion = Some(suggestion.into());
        self
    }

    pub(crate) fn with_optional_suggestion(mut self, suggestion: Option<String>) -> Self {
        self.0.suggestion = suggestion.or(self.0.suggestion);
        self
    }

    pub(crate) fn with_rule(mut self, rule: impl Into<String>) -> Self {
        self.0.rule = rule.into();
        self
    }

    /// The key, in TOML's key syntax.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The value, as TOML, without secrets.
    pub fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }

    /// The place that set the value.
    pub fn place(&self) -> Option<&Origin> {
        self.0.place.as_ref()
    }

    /// The rule that is broken.
    pub fn rule(&self) -> &str {
        &self.0.rule
    }

    /// What to do about it.
    pub fn suggestion(&self) -> Option<&str> {
        self.0.suggestion.as_deref()
    }

    fn headline(&self) -> String {
        match (&self.0.key, &self.0.place) {
            (Some(key), _) => key.clone(),
            (None, Some(place)) => place.to_string(),
            (None, None) => self.0.rule.clone(),
        }
    }

    fn paragraph(&self) -> Vec<(&'static str, String)> {
        let place = self.0.place.as_ref().filter(|_| self.0.key.is_some());
        let rule = (self.0.key.is_some() || self.0.place.is_some()).then(|| self.0.rule.clone());
        [
            ("value", self.0.value.clone()),
            ("set by", place.map(ToString::to_string)),
            ("rule", rule),
            ("fix", self.0.suggestion.clone()),
        ]
        .into_iter()
        .filter_map(|(label, text)| Some((label, text?)))
        .collect()
    }
}

fn shorten(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        None => value.to_owned(),
        Some((end, _)) => format!("{} ..", value.get(..end).unwrap_or_default()),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(key) = &self.0.key {
            formatter.write_str(key)?;
            if let Some(value) = &self.0.value {
                write!(formatter, " = {value}")?;
            }
            if let Some(place) = &self.0.place {
                write!(formatter, " ({place})")?;
            }
            formatter.write_str(": ")?;
        } else if let Some(place) = &self.0.place {
            write!(formatter, "{place}: ")?;
        }
        formatter.write_str(&self.0.rule)?;
        match &self.0.suggestion {
            Some(suggestion) => write!(formatter, "; {suggestion}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for Problem {}

/// All problems found, each once, in the order they were found.
///
/// `Display` and `Debug` print the same report: a numbered paragraph for each.
///
/// ```
/// use millstream_config::{Problem, Problems};
///
/// let mut problems = Problems::default();
/// problems.push(Problem::new("expects a string").with_key("billing.currency").with_value("5"));
/// assert_eq!(problems.to_string(), "\
/// 1 problem in the configuration:
///
///   1. billing.currency
///      value   5
///      rule    expects a string");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem, unless the same one is there already.
    pub fn push(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// Keeps the value of a result, and its problem here.
    ///
    /// Made for reading many keys before giving up: `let currency = problems.keep(tree.get("billing.currency"));`
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                self.push(problem);
                None
            }
        }
    }

    /// `value` if there is no problem.
    ///
    /// # Errors
    /// These problems, if there are any.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many problems there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The problems in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        for problem in problems {
            self.push(problem);
        }
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        let mut all = Self::default();
        all.extend(problems);
        all
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            0 => return formatter.write_str("no problem in the configuration"),
            1 => formatter.write_str("1 problem in the configuration:")?,
            count => write!(formatter, "{count} problems in the configuration:")?,
        }
        let width = self.len().to_string().len();
        let margin = " ".repeat(width + 4);
        for (number, problem) in (1..).zip(&self.0) {
            let headline = indented(&problem.headline(), &margin);
            write!(formatter, "\n\n  {number:>width$}. {headline}")?;
            for (label, text) in problem.paragraph() {
                let text = indented(&text, &format!("{margin}        "));
                write!(formatter, "\n{margin}{label:<8}{text}")?;
            }
        }
        Ok(())
    }
}

fn indented(text: &str, margin: &str) -> String {
    text.lines().collect::<Vec<_>>().join(&format!("\n{margin}"))
}

impl fmt::Debug for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for Problems {}

#[cfg(test)]
mod tests {
    use super::{Problem, Problems};

    #[test]
    fn a_secret_is_hidden_whichever_is_given_first() {
        let key_first = Problem::new("r").with_key("db.password").with_value("\"hunter2\"");
        let value_first = Problem::new("r").with_value("\"hunter2\"").with_key("db.password");
        assert_eq!(key_first.value(), Some("***"));
        assert_eq!(value_first.value(), Some("***"));
    }

    #[test]
    fn a_long_value_is_cut_at_a_character() {
        let problem = Problem::new("r").with_value(&"é".repeat(500));
        assert_eq!(problem.value().map(|value| value.chars().count()), Some(123));
    }

    #[test]
    fn the_report_is_the_same_for_display_and_debug() {
        let problems: Problems =
            (0..11).map(|n| Problem::new(format!("rule {n}\nsecond line")).with_key("k")).collect();
        assert_eq!(problems.to_string(), format!("{problems:?}"));
        assert!(problems.to_string().contains("\n\n   1. k\n      rule    rule 0\n              second line"));
        assert!(problems.to_string().contains("\n\n  11. k\n"));
    }

    #[test]
    fn the_same_problem_is_reported_once() {
        let problems: Problems = [Problem::new("r"), Problem::new("r")].into_iter().collect();
        assert_eq!(problems.len(), 1);
    }
}
