//! The keys an application knows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::key_path::KeyPath;
use crate::problem::{Problem, Problems};

/// How many segments a key may have. Deeper ones are refused, so that no input can exhaust the stack.
pub(crate) const DEEPEST_KEY: usize = 64;

/// The keys that are known at one place of the configuration and below it.
///
/// Only the application knows its keys: its listeners, its own tables, librdkafka's properties. It describes them once, and
/// the description serves two purposes: the names of environment variables are resolved against it, and keys that it does
/// not know are [reported](crate::Tree::unknown_keys).
///
/// ```
/// use millstream_config::KeySpace;
///
/// let listener = KeySpace::table().key("concurrency", KeySpace::value());
/// let kafka = KeySpace::table()
///     .key("client_id", KeySpace::value())
///     .key("listeners", KeySpace::members("listener", ["Billing.on_order"], &listener))
///     .key("clusters", KeySpace::named(KeySpace::table().key("brokers", KeySpace::value())))
///     .key("properties", KeySpace::properties(["session.timeout.ms"], |name| {
///         let property = name.to_lowercase().replace('_', ".");
///         (property == "session.timeout.ms").then_some(property)
///     }));
/// let mut keys = KeySpace::table().key("kafka", kafka);
/// keys.declare(["billing", "currency"]);
/// ```
#[derive(Clone, Debug)]
pub struct KeySpace {
    pub(crate) keys: BTreeMap<String, KeySpace>,
    pub(crate) others: Others,
    /// What a key is called in messages, where the keys are names of things: `listener`.
    pub(crate) noun: Option<Arc<str>>,
}

/// What a name that is not among the fixed keys means.
#[derive(Clone)]
pub(crate) enum Others {
    /// A mistake.
    Refused,
    /// The place holds a value of the application's own; nothing is known of what is below it.
    Value,
    /// A key whose name is free, with this below it.
    Each(Box<KeySpace>),
    /// A key of a type that only the reader knows.
    Free,
    /// A property.
    Properties(Properties),
}

/// From the end of a variable's name to a property.
type Resolve = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Properties {
    pub(crate) names: Arc<[String]>,
    pub(crate) resolve: Resolve,
}

impl fmt::Debug for Others {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Others::Refused => formatter.write_str("Refused"),
            Others::Value => formatter.write_str("Value"),
            Others::Each(space) => formatter.debug_tuple("Each").field(space).finish(),
            Others::Free => formatter.write_str("Free"),
            Others::Properties(properties) => {
                formatter.debug_tuple("Properties").field(&properties.names.len()).finish()
            }
        }
    }
}

impl KeySpace {
    fn of(others: Others) -> Self {
        Self { keys: BTreeMap::new(), others, noun: None }
    }

    /// A value: a scalar, a list, or an inline table whose reader checks its keys.
    pub fn value() -> Self {
        Self::of(Others::Value)
    }

    /// A table of which every key is known; [`key`](Self::key) adds them.
    pub fn table() -> Self {
        Self::of(Others::Refused)
    }

    /// A table whose keys are the names of known things, with the same below each. `noun` is what messages call one.
    ///
    /// Two names that an environment variable could not tell apart are a problem of every load, whether or not a variable
    /// names them.
    pub fn members<S: Into<String>>(noun: &str, names: impl IntoIterator<Item = S>, member: &KeySpace) -> Self {
        let mut space = Self::table();
        space.noun = Some(noun.into());
        for name in names {
            space.keys.insert(name.into(), member.clone());
        }
        space
    }

    /// A table whose keys are names that configuration makes up, such as those of clusters, with the same below each.
    ///
    /// A variable's segment means the name in the files that it matches, else a new name: the segment in lower case.
    pub fn named(member: KeySpace) -> Self {
        Self::of(Others::Each(Box::new(member)))
    }

    /// A subtree of a type that only its reader knows. Keys that its reader ignores are reported as unknown after it was read.
    ///
    /// A variable's segment means the key in the files that it matches, else a new key: the segment in lower case.
    pub fn free() -> Self {
        Self::of(Others::Free)
    }

    /// A table of properties with dotted names. `resolve` turns the end of a variable's name (`SESSION_TIMEOUT_MS`) into a
    /// property (`session.timeout.ms`), or says that there is none; `names` are for suggestions.
    ///
    /// Whether a property in a file exists is for the reader to check.
    pub fn properties<S: Into<String>>(
        names: impl IntoIterator<Item = S>,
        resolve: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self::of(Others::Properties(Properties {
            names: names.into_iter().map(Into::into).collect(),
            resolve: Arc::new(resolve),
        }))
    }

    /// Adds a key to a table. A key that is known already is replaced.
    #[must_use]
    pub fn key(mut self, name: &str, space: KeySpace) -> Self {
        self.keys.insert(name.to_owned(), space);
        self
    }

    /// Makes a key of the application's own known, at the end of the given segments: a value or a whole subtree.
    ///
    /// Declaring a key again, or below or above one that is declared, adds to what is known.
    pub fn declare<'s>(&mut self, segments: impl IntoIterator<Item = &'s str>) {
        let mut space = self;
        for segment in segments {
            if matches!(space.others, Others::Value) {
                space.others = Others::Free;
            }
            let below = match &space.others {
                Others::Each(member) => (**member).clone(),
                Others::Free => Self::free(),
                _ => Self::table(),
            };
            space = space.keys.entry(segment.to_owned()).or_insert(below);
        }
        if matches!(space.others, Others::Refused) && space.noun.is_none() {
            space.others = Others::Free;
        }
    }

    /// What is known below a name.
    pub(crate) fn child(&self, name: &str) -> Option<&KeySpace> {
        self.keys.get(name).or(match &self.others {
            Others::Each(member) => Some(member),
            Others::Refused | Others::Value | Others::Free | Others::Properties(_) => None,
        })
    }

    /// Whether the place itself can hold a value.
    pub(crate) fn holds_value(&self) -> bool {
        matches!(self.others, Others::Value | Others::Free)
    }

    /// Names of known things that an environment variable could not tell apart.
    pub(crate) fn collisions(&self) -> Problems {
        let mut problems = Problems::default();
        self.collect_collisions(&KeyPath::root(), &mut problems);
        problems
    }

    fn collect_collisions(&self, path: &KeyPath, problems: &mut Problems) {
        if let Some(noun) = &self.noun {
            let mut seen: BTreeMap<String, &str> = BTreeMap::new();
            for name in self.keys.keys() {
                let Some(earlier) = seen.insert(variable_segment(name), name) else {
                    continue;
                };
                let segment = variable_segment(name);
                problems.push(
                    Problem::new(format!(
                        "the {noun}s `{earlier}` and `{name}` are both `{segment}` in the name of an environment variable"
                    ))
                    .with_key(path.key(name).to_string())
                    .with_suggestion(format!("give one {noun} another name")),
                );
            }
        }
        for (name, space) in &self.keys {
            space.collect_collisions(&path.key(name), problems);
        }
    }
}

/// A key as a segment of an environment variable's name: upper case, with `_` for everything but letters and digits.
pub(crate) fn variable_segment(key: &str) -> String {
    key.chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{KeySpace, Others};

    #[test]
    fn names_that_a_variable_cannot_tell_apart_collide() {
        let space = KeySpace::table()
            .key("listeners", KeySpace::members("listener", ["A.b_c", "A_b.c", "D.e"], &KeySpace::value()));
        let problems = space.collisions();
        assert_eq!(problems.len(), 1);
        assert!(problems.to_string().contains("`A.b_c` and `A_b.c` are both `A_B_C`"), "{problems}");
    }

    #[test]
    fn a_declared_key_is_known_with_everything_above_it() {
        let mut space = KeySpace::table();
        space.declare(["billing", "currency"]);
        space.declare(["billing"]);
        let billing = space.child("billing").unwrap();
        assert!(matches!(billing.others, Others::Free));
        assert!(billing.child("currency").is_some());
    }

    #[test]
    fn declaring_a_key_of_the_framework_changes_nothing() {
        let mut space = KeySpace::table().key("kafka", KeySpace::table().key("client_id", KeySpace::value()));
        space.declare(["kafka", "client_id"]);
        let kafka = space.child("kafka").unwrap();
        assert!(matches!(kafka.others, Others::Refused));
        assert!(matches!(kafka.child("client_id").unwrap().others, Others::Value));
    }
}
