//! `MILLSTREAM__..` variables become a table, by the keys that are known.

use std::collections::BTreeMap;

use crate::key_path::KeyPath;
use crate::key_space::{DEEPEST_KEY, KeySpace, Others, variable_segment};
use crate::nearest::nearest;
use crate::node::{Node, Table, Value};
use crate::origin::{Layer, Origin, Place};
use crate::problem::{Problem, Problems};
use crate::variables::Variables;

/// What every variable that sets a key begins with.
pub(crate) const PREFIX: &str = "MILLSTREAM__";

const SEPARATOR: &str = "__";

/// Reads the variables. `files` is what the files say, for the names that only they know.
pub(crate) fn read_environment(
    variables: &Variables<'_>,
    known: &KeySpace,
    files: &Table,
    problems: &mut Problems,
) -> Table {
    for name in variables.all_unreadable().filter(|name| strip_prefix(name).is_some()) {
        problems.push(Problem::new("is not valid UTF-8").with_place(origin(name)));
    }
    let mut found: BTreeMap<Vec<String>, (&str, &str)> = BTreeMap::new();
    for (name, value) in variables.all() {
        let Some(rest) = strip_prefix(name) else {
            continue;
        };
        match resolve(rest, value, known, files) {
            Ok(segments) => {
                if let Some((other, _)) = found.get(&segments) {
                    problems.push(
                        Problem::new(format!("the variables `{other}` and `{name}` both set it"))
                            .with_key(KeyPath::from_segments(segments).to_string())
                            .with_place(origin(name))
                            .with_suggestion("remove one of them"),
                    );
                } else {
                    found.insert(segments, (name, value));
                }
            }
            Err(problem) => problems.push(problem.with_place(origin(name))),
        }
    }
    let mut table = Table::new();
    for (segments, (name, value)) in found {
        if let Err(taken) = insert(&mut table, &segments, text_value(value), &origin(name)) {
            problems.push(
                Problem::new(format!("it cannot be a table, because `{}` sets it to a value", taken.place))
                    .with_key(KeyPath::from_segments(segments).to_string())
                    .with_place(origin(name))
                    .with_suggestion("remove one of them"),
            );
        }
    }
    table
}

/// A text that is given from outside: its type is decided by what is asked for; an empty one, or an empty list, unsets.
pub(crate) fn text_value(text: &str) -> Value {
    let trimmed = text.trim();
    let empty_list = trimmed
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inside| inside.trim().is_empty());
    if text.is_empty() || empty_list { Value::Unset } else { Value::Untyped(text.to_owned()) }
}

/// Puts a value at a path, making the tables on the way. Fails with the origin of a value that stands in the way.
pub(crate) fn insert(table: &mut Table, segments: &[String], value: Value, origin: &Origin) -> Result<(), Origin> {
    let Some((first, rest)) = segments.split_first() else {
        return Ok(());
    };
    if rest.is_empty() {
        table.insert(first.clone(), Node::new(value, origin.clone()));
        return Ok(());
    }
    let node = table.entry(first.clone()).or_insert_with(|| Node::new(Value::Table(Table::new()), origin.clone()));
    match &mut node.value {
        Value::Table(table) => insert(table, rest, value, origin),
        _ => Err(node.origin.clone()),
    }
}

fn strip_prefix(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked(PREFIX.len())?;
    prefix.eq_ignore_ascii_case(PREFIX).then_some(rest)
}

fn origin(name: &str) -> Origin {
    Origin::new(Layer::Environment, Place::Variable(name.into()))
}

fn resolve(rest: &str, value: &str, known: &KeySpace, files: &Table) -> Result<Vec<String>, Problem> {
    if rest.split(SEPARATOR).count() > DEEPEST_KEY {
        return Err(Problem::new(format!("names a key of more than {DEEPEST_KEY} segments")));
    }
    let start = Spot { space: Some(known), table: Some(files) };
    let mut search = Search::default();
    let rest = rest.to_ascii_uppercase();
    start.search(&rest, &mut Vec::new(), &mut search);
    search.matches.sort();
    search.matches.dedup();
    let unsets = matches!(text_value(value), Value::Unset);
    if unsets {
        search.matches.append(&mut search.tables);
    }
    let mut matches = search.matches.into_iter();
    match (matches.next(), matches.next()) {
        (Some(segments), None) => Ok(segments),
        (Some(first), Some(second)) => Err(Problem::new(format!(
            "could mean `{}` as well as `{}`",
            KeyPath::from_segments(first),
            KeyPath::from_segments(second)
        ))
        .with_suggestion("set one of them in a file or with --set")),
        (None, _) => Err(match search.tables.into_iter().next() {
            Some(segments) => {
                Problem::new(format!("`{}` is a table, which a variable cannot set", KeyPath::from_segments(segments)))
                    .with_suggestion(format!("name a key of it: {PREFIX}{rest}__KEY"))
            }
            None => Problem::new("names no key that this application knows").with_optional_suggestion(
                start.suggest(&rest).map(|nearest| format!("did you mean `{PREFIX}{nearest}`?")),
            ),
        }),
    }
}

#[derive(Default)]
struct Search {
    matches: Vec<Vec<String>>,
    /// Tables that the whole name means.
    tables: Vec<Vec<String>>,
}

/// A place in what is known and in what the files say.
#[derive(Clone, Copy)]
struct Spot<'s> {
    /// Nothing below a key of a free subtree.
    space: Option<&'s KeySpace>,
    table: Option<&'s Table>,
}

impl<'s> Spot<'s> {
    /// Finds every key that `rest`, in upper case, can mean. Names may hold `__` themselves, so that all splits are tried.
    fn search(self, rest: &str, path: &mut Vec<String>, search: &mut Search) {
        let mut matched = false;
        if let Some(Others::Properties(properties)) = self.space.map(|space| &space.others)
            && let Some(property) = (properties.resolve)(rest)
        {
            path.push(property);
            search.matches.push(path.clone());
            path.pop();
            return;
        }
        for name in self.names() {
            let segment = variable_segment(name);
            let Some(after) = rest.strip_prefix(segment.as_str()) else {
                continue;
            };
            if segment.is_empty() {
                continue;
            }
            if after.is_empty() {
                matched = true;
                self.below(name).finish(name, path, search);
            } else if let Some(after) = after.strip_prefix(SEPARATOR) {
                matched = true;
                path.push(name.to_owned());
                self.below(name).search(after, path, search);
                path.pop();
            }
        }
        if matched || !self.takes_new_names() {
            return;
        }
        let (segment, after) = match rest.split_once(SEPARATOR) {
            Some((segment, after)) => (segment, Some(after)),
            None => (rest, None),
        };
        if segment.is_empty() {
            return;
        }
        let name = segment.to_ascii_lowercase();
        match after {
            None => self.below(&name).finish(&name, path, search),
            Some(after) => {
                path.push(name.clone());
                self.below(&name).search(after, path, search);
                path.pop();
            }
        }
    }

    fn finish(self, name: &str, path: &mut Vec<String>, search: &mut Search) {
        path.push(name.to_owned());
        if self.space.is_none_or(KeySpace::holds_value) {
            search.matches.push(path.clone());
        } else {
            search.tables.push(path.clone());
        }
        path.pop();
    }

    fn takes_new_names(self) -> bool {
        self.space.is_none_or(|space| matches!(space.others, Others::Each(_) | Others::Free))
    }

    /// The names that can stand here: the known ones, and where names are free those in the files.
    fn names(self) -> impl Iterator<Item = &'s str> {
        let known = self.space.into_iter().flat_map(|space| space.keys.keys());
        let free =
            self.takes_new_names() || self.space.is_some_and(|space| matches!(space.others, Others::Properties(_)));
        let known_space = self.space;
        let written = self
            .table
            .filter(|_| free)
            .into_iter()
            .flat_map(Table::keys)
            .filter(move |name| known_space.is_none_or(|space| !space.keys.contains_key(*name)));
        known.chain(written).map(String::as_str)
    }

    fn below(self, name: &str) -> Self {
        let table = match self.table.and_then(|table| table.get(name)).map(|node| &node.value) {
            Some(Value::Table(table)) => Some(table),
            _ => None,
        };
        let space = match self.space {
            Some(space) => match (space.child(name), &space.others) {
                (Some(below), _) => Some(below),
                (None, Others::Free) => None,
                (None, _) => Some(&PROPERTY),
            },
            None => None,
        };
        Self { space, table }
    }

    /// The variable's name, without its prefix, that was probably meant.
    fn suggest(self, rest: &str) -> Option<String> {
        for name in self.names() {
            let segment = variable_segment(name);
            if let Some(after) = rest.strip_prefix(segment.as_str()).and_then(|after| after.strip_prefix(SEPARATOR))
                && !segment.is_empty()
            {
                return self.below(name).suggest(after).map(|below| format!("{segment}{SEPARATOR}{below}"));
            }
        }
        if let Some(Others::Properties(properties)) = self.space.map(|space| &space.others) {
            let wanted = rest.replace('_', ".");
            return nearest(&wanted, properties.names.iter().map(String::as_str)).map(variable_segment);
        }
        let (segment, after) = rest.split_once(SEPARATOR).unwrap_or((rest, ""));
        if self.takes_new_names() && !segment.is_empty() && !after.is_empty() {
            let below = self.below(&segment.to_ascii_lowercase()).suggest(after)?;
            return Some(format!("{segment}{SEPARATOR}{below}"));
        }
        let name = nearest(segment, self.names().collect::<Vec<_>>())?;
        let segment = variable_segment(name);
        if after.is_empty() {
            return Some(segment);
        }
        let below = self.below(name);
        let mut search = Search::default();
        below.search(after, &mut Vec::new(), &mut search);
        let after = if search.matches.is_empty() { below.suggest(after)? } else { after.to_owned() };
        Some(format!("{segment}{SEPARATOR}{after}"))
    }
}

/// A property that only a file names.
static PROPERTY: KeySpace = KeySpace { keys: BTreeMap::new(), others: Others::Value, noun: None };
