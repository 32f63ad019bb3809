//! Keys that nothing knows and nothing read.

use crate::key_path::{KeyPath, quote_key};
use crate::key_space::{KeySpace, Others};
use crate::nearest::nearest;
use crate::node::{Node, Table, Value};
use crate::problem::{Problem, Problems};
use crate::usage::Marks;

pub(crate) fn unknown_keys(table: &Table, known: &KeySpace, marks: &Marks) -> Problems {
    let mut check = Check { marks, problems: Problems::default() };
    check.table(table, Knowledge::Space(known), &KeyPath::root());
    check.problems
}

struct Check<'m> {
    marks: &'m Marks,
    problems: Problems,
}

/// What is known of the keys of a table.
#[derive(Clone, Copy)]
enum Knowledge<'k> {
    /// These.
    Space(&'k KeySpace),
    /// All, unless a reader of the whole table ignored them.
    Free,
    /// Those that were read.
    Nothing,
}

impl<'k> Knowledge<'k> {
    fn space(self) -> Option<&'k KeySpace> {
        match self {
            Knowledge::Space(space) => Some(space),
            Knowledge::Free | Knowledge::Nothing => None,
        }
    }
}

impl Check<'_> {
    fn table(&mut self, table: &Table, knowledge: Knowledge<'_>, path: &KeyPath) {
        for (name, node) in table {
            let below = path.key(name);
            let child = knowledge.space().and_then(|space| space.child(name));
            let others = knowledge.space().map(|space| &space.others);
            if let Some(child) = child {
                self.below(node, Knowledge::Space(child), &below);
                continue;
            }
            if let Some(Others::Properties(_)) = others {
                self.property(name, node, &below);
                continue;
            }
            let closed = matches!(others, Some(Others::Refused)) || matches!(knowledge, Knowledge::Nothing);
            if self.marks.was_read(&below) {
                self.below(node, Knowledge::Free, &below);
            } else if self.marks.was_entered(&below) {
                let deeper = if closed { Knowledge::Nothing } else { Knowledge::Free };
                self.below(node, deeper, &below);
            } else if closed || self.marks.was_covered(&below) {
                self.report(table, name, node, knowledge.space(), &below);
            }
        }
    }

    fn below(&mut self, node: &Node, knowledge: Knowledge<'_>, path: &KeyPath) {
        match &node.value {
            Value::Table(table) => self.table(table, knowledge, path),
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.below(element, Knowledge::Free, &path.index(index));
                }
            }
            _ => {}
        }
    }

    fn property(&mut self, name: &str, node: &Node, path: &KeyPath) {
        let Value::Table(table) = &node.value else {
            return;
        };
        let dotted = dotted_name(name, table);
        self.problems.push(
            Problem::new("a property is not a table, and a dot in its name must be quoted")
                .with_key(path.to_string())
                .with_place(node.origin.clone())
                .with_suggestion(format!("write {}", quote_key(&dotted))),
        );
    }

    fn report(&mut self, table: &Table, name: &str, node: &Node, space: Option<&KeySpace>, path: &KeyPath) {
        let noun = space.and_then(|space| space.noun.as_deref());
        let rule = match (noun, &node.value, path.segments().nth(1)) {
            (Some(noun), ..) => format!("there is no {noun} `{name}`"),
            (None, Value::Table(_), None) => "nothing in this application reads this table".to_owned(),
            (None, Value::Table(_), Some(_)) => "unknown table".to_owned(),
            (None, ..) => "unknown key".to_owned(),
        };
        let problem = Problem::new(rule).with_key(path.to_string()).with_place(node.origin.clone());
        let problem = match &node.value {
            Value::Table(_) => problem,
            value => problem.with_value(&value.to_toml()),
        };
        let suggestion = self.suggestion(table, name, node, space, path);
        self.problems.push(problem.with_optional_suggestion(suggestion));
    }

    fn suggestion(
        &self,
        table: &Table,
        name: &str,
        node: &Node,
        space: Option<&KeySpace>,
        path: &KeyPath,
    ) -> Option<String> {
        let parent = path.parent();
        let mut candidates: Vec<&str> =
            space.into_iter().flat_map(|space| space.keys.keys()).map(String::as_str).collect();
        candidates.extend(self.marks.fields_of(&parent));
        if let Value::Table(below) = &node.value
            && let Some(dotted) = candidates.iter().find(|known| is_dotted(known, name, below))
        {
            return Some(format!("a dot in a name must be quoted: write {}", parent.key(dotted)));
        }
        // A name that the table has already is not what this one was meant to be, unless nothing else is near.
        let fresh = candidates.iter().copied().filter(|known| !table.contains_key(*known));
        if let Some(near) = nearest(name, fresh).or_else(|| nearest(name, candidates.iter().copied())) {
            return Some(format!("did you mean `{near}`?"));
        }
        let noun = space.and_then(|space| space.noun.as_deref())?;
        let named: Vec<String> = candidates.iter().take(5).map(|known| format!("`{known}`")).collect();
        match candidates.len() {
            0 => Some(format!("this application has no {noun}")),
            1..=5 => Some(format!("the {noun}s are {}", named.join(", "))),
            count => Some(format!("there are {count} {noun}s, such as {}", named.join(", "))),
        }
    }
}

/// Whether the table at `name` is what a dotted name looks like when its quotes were forgotten.
fn is_dotted(known: &str, name: &str, below: &Table) -> bool {
    let Some(rest) = known.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) else {
        return false;
    };
    below.iter().any(|(next, node)| match &node.value {
        Value::Table(deeper) => rest == next || is_dotted(rest, next, deeper),
        _ => rest == next,
    })
}

/// The name that was probably meant by nested tables of one key each.
fn dotted_name(name: &str, table: &Table) -> String {
    match table.first_key_value() {
        Some((next, Node { value: Value::Table(deeper), .. })) => format!("{name}.{}", dotted_name(next, deeper)),
        Some((next, _)) => format!("{name}.{next}"),
        None => name.to_owned(),
    }
}
