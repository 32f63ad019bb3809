//! Values of one table of the configuration, each with its rule.

use super::rules::Verdict;
use super::said::{Said, Scope, Site};
use millstream_config::{Duration, Node, Problem, Problems, Section, Size, Value};
use serde::de::DeserializeOwned;

/// A table that is being read for one scope; it may be absent.
pub(super) struct Reading<'t> {
    section: Option<Section<'t>>,
    pub(super) scope: Scope,
    /// Names that this table does not have, although others like it do; the loader calls them unknown.
    foreign: &'static [&'static str],
}

impl<'t> Reading<'t> {
    pub(super) fn new(section: Option<Section<'t>>, scope: Scope) -> Self {
        Self { section, scope, foreign: &[] }
    }

    /// The table without names that only others like it have.
    pub(super) fn without(self, foreign: &'static [&'static str]) -> Self {
        Self { foreign, ..self }
    }

    /// The table of this name below.
    pub(super) fn below(&self, name: &str, scope: Scope, problems: &mut Problems) -> Reading<'t> {
        let below = self.section.as_ref().and_then(|section| problems.keep(section.section(name)).flatten());
        Reading::new(below, scope)
    }

    /// The table itself, where it is there.
    pub(super) fn section(&self) -> Option<&Section<'t>> {
        self.section.as_ref()
    }

    /// The names in this table that are set.
    pub(super) fn names(&self) -> Vec<&'t str> {
        self.section.iter().flat_map(Section::iter).map(|(name, _)| name).collect()
    }

    pub(super) fn node(&self, name: &str) -> Option<&'t Node> {
        if self.foreign.contains(&name) {
            return None;
        }
        self.section.as_ref()?.node(name)
    }

    pub(super) fn is_unset(&self, name: &str) -> bool {
        self.section.as_ref().is_some_and(|section| section.is_unset(name))
    }

    /// Where a value of this table stands.
    pub(super) fn site(&self, name: &str) -> Option<Site> {
        let section = self.section.as_ref()?;
        let node = self.node(name)?;
        Some(Site {
            scope: self.scope,
            key: section.path().key(name).to_string(),
            value: node.value.to_toml(),
            origin: Some(node.origin.clone()),
        })
    }

    /// A problem with a value of this table.
    pub(super) fn problem(&self, name: &str, rule: impl Into<String>) -> Problem {
        match &self.section {
            Some(section) => section.problem(name, rule),
            None => Problem::new(rule).with_key(name),
        }
    }

    /// A problem with a whole table below, which is not shown.
    pub(super) fn table_problem(&self, name: &str, rule: impl Into<String>) -> Problem {
        let problem = Problem::new(rule);
        let Some(section) = &self.section else { return problem.with_key(name) };
        let problem = problem.with_key(section.path().key(name).to_string());
        match section.node(name) {
            Some(node) => problem.with_place(node.origin.clone()),
            None => problem,
        }
    }

    /// A value of a type, put through its rule.
    pub(super) fn read<T: DeserializeOwned, V>(
        &self,
        name: &str,
        problems: &mut Problems,
        rule: impl FnOnce(T) -> Verdict<V>,
    ) -> Option<Said<V>> {
        let site = self.site(name)?;
        let value = problems.keep(self.section.as_ref()?.get::<T>(name)).flatten()?;
        said(site, rule(value), problems)
    }

    /// A text, put through its rule; numbers count as the text they are written with.
    pub(super) fn text<V>(
        &self,
        name: &str,
        problems: &mut Problems,
        rule: impl FnOnce(&str) -> Verdict<V>,
    ) -> Option<Said<V>> {
        let site = self.site(name)?;
        let node = self.node(name)?;
        if let Some(text) = node.scalar_text() {
            return said(site, rule(&text), problems);
        }
        // It is none: reading it as one says so in the loader's words.
        problems.keep(self.section.as_ref()?.get::<String>(name));
        None
    }

    /// A duration, put through its rule.
    pub(super) fn duration<V>(
        &self,
        name: &str,
        problems: &mut Problems,
        rule: impl FnOnce(std::time::Duration) -> Verdict<V>,
    ) -> Option<Said<V>> {
        self.read(name, problems, |duration: Duration| rule(duration.get()))
    }

    /// A number of bytes, put through its rule.
    pub(super) fn size<V>(
        &self,
        name: &str,
        problems: &mut Problems,
        rule: impl FnOnce(u64) -> Verdict<V>,
    ) -> Option<Said<V>> {
        self.read(name, problems, |size: Size| rule(size.bytes()))
    }

    pub(super) fn flag(&self, name: &str, problems: &mut Problems) -> Option<Said<bool>> {
        self.read(name, problems, Ok)
    }

    /// A list of texts, or one text with commas between them; each is put through the rule.
    pub(super) fn list<V>(
        &self,
        name: &str,
        problems: &mut Problems,
        mut rule: impl FnMut(&str) -> Verdict<V>,
    ) -> Option<Said<Vec<V>>> {
        let site = self.site(name)?;
        let section = self.section.as_ref()?;
        let texts = match &self.node(name)?.value {
            Value::String(text) => vec![text.clone()],
            _ => problems.keep(section.get::<Vec<String>>(name)).flatten()?,
        };
        let mut values = Vec::new();
        let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.collect();
        if parts.is_empty() {
            problems.push(site.problem("names nothing"));
        }
        for part in parts {
            values.extend(problems.keep(rule(part).map_err(|refusal| site.problem(refusal))));
        }
        Some(Said { value: values, site })
    }
}

/// The value that a rule accepts, with its place.
pub(super) fn said<V>(site: Site, verdict: Verdict<V>, problems: &mut Problems) -> Option<Said<V>> {
    let value = problems.keep(verdict.map_err(|refusal| site.problem(refusal)))?;
    Some(Said { value, site })
}
