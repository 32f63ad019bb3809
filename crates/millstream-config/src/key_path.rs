//! The path of a key, and TOML's syntax for it.

use std::fmt;

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into an array, counted from 0.
    Index(usize),
}

/// The path of a value: exact key segments, shown in TOML's key syntax (`kafka.listeners."Billing.on_order".order_by`).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<Step>);

impl KeyPath {
    /// The path of the whole configuration.
    pub fn root() -> Self {
        Self::default()
    }

    /// Parses TOML's key syntax: bare, `"quoted"` and `'literal'` segments with dots between them.
    ///
    /// # Errors
    /// Says what is wrong with the key.
    ///
    /// ```
    /// use millstream_config::KeyPath;
    ///
    /// let path = KeyPath::parse(r#"kafka.listeners."Billing.on_order""#)?;
    /// assert_eq!(path.to_string(), r#"kafka.listeners."Billing.on_order""#);
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(key: &str) -> Result<Self, String> {
        let mut scanner = Scanner { rest: key };
        let steps = scanner.path()?;
        match scanner.rest.chars().next() {
            None => Ok(Self(steps)),
            Some(found) => Err(format!("`{found}` cannot stand here in a key")),
        }
    }

    /// Parses a key from the start of `text`; what follows the key is returned.
    pub(crate) fn parse_prefix(text: &str) -> Result<(Self, &str), String> {
        let mut scanner = Scanner { rest: text };
        let steps = scanner.path()?;
        Ok((Self(steps), scanner.rest))
    }

    /// A path of exact segments.
    pub fn from_segments<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(|segment| Step::Key(segment.into())).collect())
    }

    /// This path and one segment more.
    #[must_use]
    pub fn key(&self, segment: &str) -> Self {
        self.with(Step::Key(segment.to_owned()))
    }

    /// This path and an element of the array it names.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The path without its last step; the root's is the root.
    #[must_use]
    pub fn parent(&self) -> Self {
        let above = self.0.split_last().map(|(_, above)| above);
        Self(above.unwrap_or_default().to_vec())
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The key segments from the root, elements of arrays left out.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
    }

    /// Whether `other` lies below this path. A path is not below itself.
    pub fn is_above(&self, other: &Self) -> bool {
        other.0.len() > self.0.len() && other.0.starts_with(&self.0)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) => {
                    if position > 0 {
                        formatter.write_str(".")?;
                    }
                    formatter.write_str(&quote_key(key))?;
                }
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn is_bare(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// One key segment in TOML's syntax: quoted where it has to be.
pub fn quote_key(segment: &str) -> String {
    if !segment.is_empty() && segment.chars().all(is_bare) { segment.to_owned() } else { quote_string(segment) }
}

/// A text as TOML's basic string, on one line.
pub fn quote_string(text: &str) -> String {
    use fmt::Write as _;

    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Control and format characters could hide or reorder what a person reads in a report.
            other
                if other.is_control()
                    || matches!(other, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                let code = u32::from(other);
                let _ = write!(quoted, "\\u{code:04X}");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    fn path(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            self.skip_blanks();
            steps.push(Step::Key(self.segment()?));
            self.skip_blanks();
            match self.rest.strip_prefix('.') {
                Some(rest) => self.rest = rest,
                None => return Ok(steps),
            }
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn segment(&mut self) -> Result<String, String> {
        if let Some(rest) = self.rest.strip_prefix('"') {
            return self.basic(rest);
        }
        if let Some(rest) = self.rest.strip_prefix('\'') {
            let (segment, after) = rest.split_once('\'').ok_or("a quote in the key is not closed")?;
            self.rest = after;
            return Ok(segment.to_owned());
        }
        let end = self.rest.find(|character| !is_bare(character)).unwrap_or(self.rest.len());
        let (segment, after) = self.rest.split_at(end);
        if segment.is_empty() {
            return Err(match after.chars().next() {
                None => "a key segment is missing".to_owned(),
                Some('.' | '=') => "a key segment is empty; an empty one is written \"\"".to_owned(),
                Some(found) => format!("`{found}` must be quoted in a key"),
            });
        }
        self.rest = after;
        Ok(segment.to_owned())
    }

    fn basic(&mut self, text: &'t str) -> Result<String, String> {
        let mut segment = String::new();
        let mut characters = text.chars();
        loop {
            match characters.next().ok_or("a quote in the key is not closed")? {
                '"' => {
                    self.rest = characters.as_str();
                    return Ok(segment);
                }
                '\\' => segment.push(escape(&mut characters)?),
                other => segment.push(other),
            }
        }
    }
}

fn escape(characters: &mut std::str::Chars<'_>) -> Result<char, String> {
    let unfinished = || "an escape in the key is not finished".to_owned();
    Ok(match characters.next().ok_or_else(unfinished)? {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        '"' => '"',
        '\\' => '\\',
        'x' => code_point(characters, 2)?,
        'u' => code_point(characters, 4)?,
        'U' => code_point(characters, 8)?,
        other => return Err(format!("`\\{other}` is not an escape of a TOML key")),
    })
}

fn code_point(characters: &mut std::str::Chars<'_>, digits: usize) -> Result<char, String> {
    let text: String = characters.by_ref().take(digits).collect();
    let valid = text.len() == digits && text.chars().all(|digit| digit.is_ascii_hexdigit());
    u32::from_str_radix(&text, 16)
        .ok()
        .filter(|_| valid)
        .and_then(char::from_u32)
        .ok_or_else(|| "an escape in the key is not a character".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{KeyPath, quote_key};

    #[test]
    fn quoted_segments_may_hold_dots_equals_signs_and_escapes() {
        let path = KeyPath::parse(r#"a."b.c=d".'e"f'."\u00e9\n""#).unwrap();
        let segments: Vec<&str> = path.segments().collect();
        assert_eq!(segments, ["a", "b.c=d", "e\"f", "é\n"]);
    }

    #[test]
    fn a_path_that_is_shown_parses_to_itself() {
        for segments in [vec!["a", ""], vec!["Billing.on_order", "x y"], vec!["\u{202e}", "\u{0}\"\\"]] {
            let path = KeyPath::from_segments(segments);
            assert_eq!(KeyPath::parse(&path.to_string()), Ok(path));
        }
    }

    #[test]
    fn malformed_keys_are_refused() {
        for key in ["", ".", "a.", ".a", "a..b", "a b", "a.\"b", "a'", "\"\\u12\"", "\"\\u+123\"", "é", "a=b"] {
            assert!(KeyPath::parse(key).is_err(), "{key}");
        }
    }

    #[test]
    fn only_what_needs_quotes_is_quoted() {
        assert_eq!(quote_key("group_id-2"), "group_id-2");
        assert_eq!(quote_key("a.b"), "\"a.b\"");
        assert_eq!(quote_key(""), "\"\"");
    }
}
