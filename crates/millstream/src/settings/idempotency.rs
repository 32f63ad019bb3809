//! `[kafka.idempotency]`: where keys of handled messages are kept.

use crate::idempotent::MemoryStore;
use crate::plan::Plan;
use millstream_config::{KeySpace, Problem, Problems, Section, Tree, nearest};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The store that needs no table.
const MEMORY: &str = "memory";
const TYPES: [&str; 2] = [MEMORY, "redis"];
const PREFIX: &str = "millstream";
const URL: &str = "redis://127.0.0.1:6379";

/// A store as it is to be made.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum StorePlan {
    /// In memory, for this many handled keys.
    Memory { capacity: usize },
    /// In Redis.
    Redis { url: String, prefix: String },
}

impl fmt::Debug for StorePlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        formatter.write_str(match self {
            Self::Memory { .. } => "Memory",
            Self::Redis { .. } => "Redis",
        })
    }
}

/// The keys of one store.
pub(super) const STORE: [&str; 4] = ["type", "capacity", "url", "prefix"];

/// `[kafka.idempotency]`.
pub(super) fn keys() -> KeySpace {
    KeySpace::named(STORE.iter().fold(KeySpace::table(), |table, name| table.key(name, KeySpace::value())))
}

/// The stores that the plan's listeners use and the configuration describes; `given` are those of the program.
pub(crate) fn stores(tree: &Tree, given: &BTreeSet<&str>, plan: &Plan) -> (BTreeMap<Arc<str>, StorePlan>, Problems) {
    let mut problems = Problems::default();
    let mut described: BTreeMap<String, StorePlan> = BTreeMap::new();
    let kafka = problems.keep(tree.section("kafka")).flatten();
    let tables = kafka.and_then(|kafka| problems.keep(kafka.section("idempotency")).flatten());
    for (name, _) in tables.iter().flat_map(Section::iter) {
        let Some(table) = tables.as_ref().and_then(|tables| problems.keep(tables.section(name)).flatten()) else {
            continue;
        };
        if given.contains(name) {
            let problem = Problem::new("a store of this name is given by `App::builder().idempotency_store(..)`");
            problems.push(problem.with_key(table.path().to_string()).with_suggestion("remove one of them"));
        }
        described.extend(read(&table, &mut problems).map(|store| (name.to_owned(), store)));
    }
    described.entry(MEMORY.to_owned()).or_insert(StorePlan::Memory { capacity: MemoryStore::DEFAULT_CAPACITY });
    let mut used = BTreeMap::new();
    for listener in plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners) {
        let Some(idempotent) = &listener.idempotent else { continue };
        let who = format!("listener `{}` ({})", listener.id, listener.location);
        if given.contains(&*idempotent.store) {
            continue;
        }
        if let Some(store) = described.get(&*idempotent.store) {
            used.insert(Arc::clone(&idempotent.store), store.clone());
        } else if !is_table(tables.as_ref(), &idempotent.store) {
            let known = described.keys().map(String::as_str).chain(given.iter().copied());
            let fix = match nearest(&idempotent.store, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "describe it in `[kafka.idempotency.{}]`, or give it with `App::builder().idempotency_store(name, store)`",
                    idempotent.store
                ),
            };
            let problem =
                Problem::new(format!("{who} keeps its keys in the store `{}`, which there is not", idempotent.store));
            problems.push(problem.with_suggestion(fix));
        }
    }
    (used, problems)
}

/// Whether it is there, and was only refused.
fn is_table(tables: Option<&Section<'_>>, name: &str) -> bool {
    tables.is_some_and(|tables| tables.node(name).is_some())
}

fn read(table: &Section<'_>, problems: &mut Problems) -> Option<StorePlan> {
    let kind = problems.keep(table.get::<String>("type")).flatten();
    let capacity = problems.keep(table.get::<usize>("capacity")).flatten();
    let url = problems.keep(table.get::<String>("url")).flatten();
    let prefix = problems.keep(table.get::<String>("prefix")).flatten();
    match kind.as_deref() {
        Some(MEMORY) => {
            for name in ["url", "prefix"].into_iter().filter(|name| table.node(name).is_some()) {
                problems.push(table.problem(name, "a store in memory has none").with_suggestion("remove it"));
            }
            if capacity == Some(0) {
                problems.push(table.problem("capacity", "a store holds at least one key").with_suggestion("raise it"));
            }
            Some(StorePlan::Memory { capacity: capacity.unwrap_or(MemoryStore::DEFAULT_CAPACITY) })
        }
        Some("redis") => {
            if table.node("capacity").is_some() {
                let problem = table.problem("capacity", "how much Redis holds is set in Redis");
                problems.push(problem.with_suggestion("remove it"));
            }
            let url = url.unwrap_or_else(|| URL.to_owned());
            if let Err(refusal) = check_url(&url) {
                let problem = Problem::new(refusal).with_key(table.path().key("url").to_string());
                problems.push(problem.with_suggestion(format!("write it as `{URL}`")));
            }
            Some(StorePlan::Redis { url, prefix: prefix.unwrap_or_else(|| PREFIX.to_owned()) })
        }
        Some(other) => {
            let problem = table.problem("type", format!("there is no store `{}`", other.escape_debug()));
            problems.push(problem.with_suggestion(match nearest(other, TYPES) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "it is \"memory\" or \"redis\"".to_owned(),
            }));
            None
        }
        None => {
            if table.node("type").is_none() {
                let problem = Problem::new("a store has a `type`").with_key(table.path().key("type").to_string());
                problems.push(problem.with_suggestion("set it to \"memory\" or \"redis\""));
            }
            None
        }
    }
}

#[cfg(feature = "redis")]
fn check_url(url: &str) -> Result<(), String> {
    redis::Client::open(url).map(drop).map_err(|_| "is not an address of Redis".to_owned())
}

#[cfg(not(feature = "redis"))]
fn check_url(_: &str) -> Result<(), String> {
    Err("this program was built without Redis: enable the feature `redis` of `millstream`".to_owned())
}
