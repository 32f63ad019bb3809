//! Hands out what was built: components by type, configuration by key.

use crate::registry::Location;
use millstream_config::{Problem, Tree};
use serde::de::DeserializeOwned;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Components by the type they are injected as; each value is a boxed `Arc<T>`.
pub(crate) type Components = HashMap<TypeId, Box<dyn Any + Send + Sync>>;

/// Gives constructors, fields and arguments what they need; what is lacking is collected as problems.
pub struct Injector<'a> {
    components: &'a Components,
    tree: &'a Tree,
    what: String,
    location: Option<Location>,
    problems: Vec<Problem>,
}

impl fmt::Debug for Injector<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Injector").field("for", &self.what).finish_non_exhaustive()
    }
}

impl<'a> Injector<'a> {
    pub(crate) fn new(components: &'a Components, tree: &'a Tree) -> Self {
        Self { components, tree, what: String::new(), location: None, problems: Vec::new() }
    }

    /// Says who asks next, for the messages.
    pub fn at(&mut self, what: impl Into<String>, location: Location) -> &mut Self {
        self.what = what.into();
        self.location = Some(location);
        self
    }

    /// The component of type `T`; a lack is reported and gives `None`.
    pub fn component<T: ?Sized + Send + Sync + 'static>(&mut self) -> Option<Arc<T>> {
        let found = self.optional_component::<T>();
        if found.is_none() {
            let name = std::any::type_name::<T>();
            self.report(format!("there is no component `{name}`; add `#[component]` to it, or give the value with `App::builder().component(value)`"));
        }
        found
    }

    /// The component of type `T`, if there is one.
    pub fn optional_component<T: ?Sized + Send + Sync + 'static>(&mut self) -> Option<Arc<T>> {
        self.components.get(&TypeId::of::<T>())?.downcast_ref::<Arc<T>>().cloned()
    }

    /// The configuration's value at `key`; a lack or a wrong type is reported and gives `None`.
    pub fn config<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        match self.tree.get::<T>(key) {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                self.report(format!("the configuration has no `{key}`; set it in config/default.toml"));
                None
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// Like [`config`](Self::config), an absent key giving `Some(None)`.
    #[allow(clippy::option_option)] // the outer one says whether a problem was reported
    pub fn optional_config<T: DeserializeOwned>(&mut self, key: &str) -> Option<Option<T>> {
        match self.tree.get::<T>(key) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// Reports a problem of whoever asks.
    pub fn report(&mut self, message: impl fmt::Display) {
        let problem = match self.location {
            Some(location) => Problem::new(format!("{} ({location}): {message}", self.what)),
            None => Problem::new(message.to_string()),
        };
        self.problems.push(problem);
    }

    /// What was lacking so far.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}
