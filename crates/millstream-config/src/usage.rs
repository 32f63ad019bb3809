//! Which keys were read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::key_path::KeyPath;

/// What was asked for and what was read of it.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<Marks>);

/// The marks of the reads so far.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// The values whose content went into a reader's type, tables and elements included.
    read: BTreeSet<KeyPath>,
    /// The values that were asked for as a whole.
    asked: BTreeSet<KeyPath>,
    /// The fields that readers of a table know, for suggestions.
    fields: BTreeMap<KeyPath, BTreeSet<&'static str>>,
}

impl Usage {
    pub(crate) fn marks(&self) -> MutexGuard<'_, Marks> {
        // Marks are added one by one, so that those of a panicked thread are still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    pub(crate) fn mark_read(&mut self, path: &KeyPath) {
        self.read.insert(path.clone());
    }

    pub(crate) fn mark_asked(&mut self, path: KeyPath) {
        self.asked.insert(path);
    }

    pub(crate) fn add_fields(&mut self, path: &KeyPath, fields: &'static [&'static str]) {
        self.fields.entry(path.clone()).or_default().extend(fields);
    }

    pub(crate) fn fields_of(&self, path: &KeyPath) -> impl Iterator<Item = &str> {
        self.fields.get(path).into_iter().flatten().copied()
    }

    pub(crate) fn was_read(&self, path: &KeyPath) -> bool {
        self.read.contains(path)
    }

    /// Whether something below was read.
    pub(crate) fn was_entered(&self, path: &KeyPath) -> bool {
        // Paths sort by their steps, so that what is below a path follows it at once.
        let after = (Bound::Excluded(path), Bound::Unbounded);
        let next = self.read.range::<KeyPath, _>(after).next();
        next.is_some_and(|read| path.is_above(read))
    }

    /// Whether something above was asked for as a whole.
    pub(crate) fn was_covered(&self, path: &KeyPath) -> bool {
        self.asked.iter().any(|asked| asked.is_above(path))
    }
}
