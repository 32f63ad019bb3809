//! The merged values, and reading them by type.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::deserialize::read_node;
use crate::key_path::{KeyPath, quote_string};
use crate::key_space::KeySpace;
use crate::node::{Node, Table, Value};
use crate::origin::Origin;
use crate::problem::{Problem, Problems};
use crate::redact::{REDACTED, is_secret_key};
use crate::unknown::unknown_keys;
use crate::usage::Usage;

/// The merged configuration. Remembers which keys were read.
///
/// `Debug` shows the [entries](Self::entries), in which nothing is secret.
#[derive(Default)]
pub struct Tree {
    table: Table,
    usage: Usage,
}

/// A value that was read, and the place that set it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// The place that set it.
    pub origin: Origin,
}

/// One effective value, as it is printed: nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The exact segments of the key.
    pub segments: Vec<String>,
    /// The key in TOML's syntax.
    pub key: String,
    /// The value as TOML on one line, `"***"` if it is secret.
    pub value: String,
    /// The layer and the place that set it.
    pub origin: Origin,
}

impl Tree {
    /// A tree of merged values.
    pub fn new(table: Table) -> Self {
        Self { table, usage: Usage::default() }
    }

    /// Reads the value at a key in TOML's syntax. Nothing if it is not set.
    ///
    /// A text from the environment, from an unquoted `--set` or from one `${..}` alone becomes what `T` asks for: a number, a
    /// boolean, a string as it stands, or a list (split at commas, or TOML where it begins with `[`). Everything else has to
    /// have the type that is asked for; a whole number will do as a float.
    ///
    /// # Errors
    /// The first thing that does not fit, with its key, value and place; `T` may be a table of many.
    ///
    /// ```
    /// # use millstream_config::{DirectoryChoice, KeySpace, Request, load};
    /// #[derive(serde::Deserialize)]
    /// struct Billing { currency: String, limit: u8 }
    ///
    /// let mut request = Request::default();
    /// request.directory = DirectoryChoice::Nothing;
    /// request.base = Some("[billing]\ncurrency = 'EUR'\nlimit = 300".to_owned());
    /// let tree = load(&request, &KeySpace::table())?.tree;
    ///
    /// assert_eq!(tree.get::<String>("billing.currency")?.as_deref(), Some("EUR"));
    /// assert_eq!(tree.get::<String>("billing.country")?, None);
    /// let problem = tree.get::<Billing>("billing").err().ok_or("300 is no u8")?;
    /// assert_eq!(problem.to_string(), "billing.limit = 300 (base:3:9): expects an integer from 0 to 255");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Problem> {
        Ok(self.get_located(key)?.map(|located| located.value))
    }

    /// Reads the value at a key, as [`get`](Self::get) does, with the place that set it.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_located<T: DeserializeOwned>(&self, key: &str) -> Result<Option<Located<T>>, Problem> {
        let (parent, last) = self.enter(key)?;
        match parent {
            Some(section) => section.get_located(&last),
            None => Ok(None),
        }
    }

    /// The table at a key in TOML's syntax. Nothing if it is not set.
    ///
    /// # Errors
    /// If what stands there is not a table.
    pub fn section(&self, key: &str) -> Result<Option<Section<'_>>, Problem> {
        let (parent, last) = self.enter(key)?;
        match parent {
            Some(section) => section.section(&last),
            None => Ok(None),
        }
    }

    /// The whole configuration as a section.
    pub fn root(&self) -> Section<'_> {
        Section { path: KeyPath::root(), table: &self.table, usage: &self.usage, origin: None }
    }

    /// Every effective value that is not a table, sorted by key, with secrets hidden. What is unset is not among them.
    pub fn entries(&self) -> Vec<Entry> {
        self.root().entries()
    }

    /// Every key that is neither known nor was read, with the nearest name that is. Call it once everything was read.
    ///
    /// Below a [free](KeySpace::free) subtree a key is unknown if something above it was read as a whole and ignored it.
    pub fn unknown_keys(&self, known: &KeySpace) -> Problems {
        unknown_keys(&self.table, known, &self.usage.marks())
    }

    /// The table that holds the last segment of a key, and that segment.
    fn enter(&self, key: &str) -> Result<(Option<Section<'_>>, String), Problem> {
        let path = KeyPath::parse(key)
            .map_err(|mistake| Problem::new(format!("is not a key in TOML's syntax: {mistake}")).with_key(key))?;
        let mut segments: Vec<&str> = path.segments().collect();
        let last = segments.pop().unwrap_or_default().to_owned();
        let mut section = Some(self.root());
        for segment in segments {
            section = match section {
                Some(section) => section.section(segment)?,
                None => None,
            };
        }
        Ok((section, last))
    }
}

/// A table of the configuration.
///
/// `Debug` shows the [entries](Self::entries), in which nothing is secret.
#[derive(Clone)]
pub struct Section<'t> {
    path: KeyPath,
    table: &'t Table,
    usage: &'t Usage,
    origin: Option<&'t Origin>,
}

impl<'t> Section<'t> {
    /// The path of the table.
    pub fn path(&self) -> &KeyPath {
        &self.path
    }

    /// The place that opens the table; nothing for the whole configuration.
    pub fn origin(&self) -> Option<&'t Origin> {
        self.origin
    }

    /// Reads the value of one key of the table: an exact segment, not a path. Nothing if it is not set.
    ///
    /// # Errors
    /// As [`Tree::get`].
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Problem> {
        Ok(self.get_located(name)?.map(|located| located.value))
    }

    /// Reads the value of one key, as [`get`](Self::get) does, with the place that set it.
    ///
    /// # Errors
    /// As [`Tree::get`].
    pub fn get_located<T: DeserializeOwned>(&self, name: &str) -> Result<Option<Located<T>>, Problem> {
        let Some(node) = self.node(name) else {
            return Ok(None);
        };
        let path = self.path.key(name);
        let value = read_node(node, &path, self.usage)?;
        // Only now: of a read that failed half-way it is not known what it would have ignored.
        self.usage.marks().mark_asked(path);
        Ok(Some(Located { value, origin: node.origin.clone() }))
    }

    /// The table at one key of this table: an exact segment, not a path. Nothing if it is not set.
    ///
    /// # Errors
    /// If what stands there is not a table.
    pub fn section(&self, name: &str) -> Result<Option<Section<'t>>, Problem> {
        let Some(node) = self.node(name) else {
            return Ok(None);
        };
        let path = self.path.key(name);
        match &node.value {
            Value::Table(table) => Ok(Some(Section { path, table, usage: self.usage, origin: Some(&node.origin) })),
            Value::Broken(problem) => Err(problem.clone()),
            other => Err(Problem::new(format!("expects a table, found {}", other.kind()))
                .with_key(path.to_string())
                .with_value(&other.to_toml())
                .with_place(node.origin.clone())),
        }
    }

    /// What stands at one key of the table. Nothing if it is not set. Does not count as reading it.
    pub fn node(&self, name: &str) -> Option<&'t Node> {
        self.table.get(name).filter(|node| !node.is_unset())
    }

    /// Whether the key is unset by `""` or `[]`: it counts as absent, and what is said before this table is hidden.
    pub fn is_unset(&self, name: &str) -> bool {
        self.table.get(name).is_some_and(Node::is_unset)
    }

    /// The keys that are set, as exact segments, with what stands there, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&'t str, &'t Node)> + use<'t> {
        self.table.iter().filter(|(_, node)| !node.is_unset()).map(|(name, node)| (name.as_str(), node))
    }

    /// A problem with the value of one key of the table.
    ///
    /// For rules that go beyond types: `section.problem("partitions", "expects at most 1000")`.
    pub fn problem(&self, name: &str, rule: impl Into<String>) -> Problem {
        let path = self.path.key(name);
        let problem = Problem::new(rule).with_key(path.to_string());
        match self.node(name) {
            Some(node) => problem.with_value(&node.value.to_toml()).with_place(node.origin.clone()),
            None => problem,
        }
    }

    /// Every value below the table that is not a table itself, sorted by key, with secrets hidden.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        collect_entries(self.table, &self.path, &mut entries);
        entries
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.root(), formatter)
    }
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries();
        let shown = entries.iter().map(|entry| (&entry.key, &entry.value));
        formatter.debug_map().entries(shown).finish()
    }
}

fn collect_entries(table: &Table, path: &KeyPath, entries: &mut Vec<Entry>) {
    for (name, node) in table {
        let path = path.key(name);
        match &node.value {
            Value::Unset => {}
            Value::Table(table) => collect_entries(table, &path, entries),
            value => {
                let key = path.to_string();
                let value = if is_secret_key(&key) { quote_string(REDACTED) } else { value.to_toml() };
                let segments = path.segments().map(str::to_owned).collect();
                entries.push(Entry { segments, key, value, origin: node.origin.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::{DirectoryChoice, KeySpace, Request, load};

    fn tree(base: &str) -> Tree {
        let request =
            Request { directory: DirectoryChoice::Nothing, base: Some(base.to_owned()), ..Request::default() };
        load(&request, &KeySpace::table()).unwrap().tree
    }

    #[test]
    fn a_section_takes_exact_segments() {
        let tree = tree("[l.\"A.b\"]\nx = 1\n[l.A]\nb.x = 2");
        let listeners = tree.section("l").unwrap().unwrap();
        let quoted = listeners.section("A.b").unwrap().unwrap();
        assert_eq!(quoted.get::<u8>("x"), Ok(Some(1)));
        assert_eq!(quoted.path().to_string(), "l.\"A.b\"");
        assert_eq!(tree.get::<u8>("l.A.b.x"), Ok(Some(2)));
        let names: Vec<&str> = listeners.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["A", "A.b"]);
    }

    #[test]
    fn what_is_unset_is_not_there() {
        let tree = tree("a = { b = \"\", c = [] }");
        let section = tree.section("a").unwrap().unwrap();
        assert_eq!(section.iter().count(), 0);
        assert_eq!(section.get::<String>("b"), Ok(None));
        assert!(section.section("c").unwrap().is_none());
        assert!(section.is_unset("b") && section.is_unset("c") && !section.is_unset("d"));
        assert!(tree.entries().is_empty());
    }

    #[test]
    fn a_value_is_read_with_its_place() {
        let tree = tree("\na.b = 5");
        let located = tree.get_located::<u8>("a.b").unwrap().unwrap();
        assert_eq!(located.value, 5);
        assert_eq!(located.origin.to_string(), "base:2:7");
    }

    #[test]
    fn a_rule_of_the_reader_names_key_value_and_place() {
        let tree = tree("a.b = 5");
        let section = tree.section("a").unwrap().unwrap();
        let problem = section.problem("b", "expects at most 4");
        assert_eq!(problem.to_string(), "a.b = 5 (base:1:7): expects at most 4");
        assert_eq!(section.problem("c", "is needed").to_string(), "a.c: is needed");
    }

    #[test]
    fn a_malformed_key_is_a_problem() {
        assert!(tree("a = 1").get::<u8>("a..b").is_err());
        assert!(tree("a = 1").section("").is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let tree = tree("a.password = \"hunter2\"");
        assert_eq!(format!("{tree:?}"), "{\"a.password\": \"\\\"***\\\"\"}");
    }
}
