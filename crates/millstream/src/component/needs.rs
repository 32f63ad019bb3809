//! What a consumer, a listener or a component says it needs, before anything is built.

use crate::registry::Location;
use millstream_config::{Problem, Tree};
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::fmt;

/// One thing needed, and who needs it.
#[derive(Clone)]
pub struct Need {
    /// Who needs it: ``field `ledger` of `Billing` ``.
    pub what: String,
    /// Where that stands.
    pub location: Option<Location>,
    /// The thing itself.
    pub(crate) kind: NeedKind,
}

#[derive(Clone)]
pub(crate) enum NeedKind {
    /// A component or one of the trait objects that components provide.
    Component { type_id: TypeId, name: &'static str, optional: bool },
    /// A value of the configuration, and a check that it has the right type.
    Config { key: String, optional: bool, check: fn(&Tree, &str) -> Result<bool, Problem> },
    /// A cluster that the configuration describes.
    Cluster { name: &'static str },
}

impl Need {
    /// Who needs it and where that stands, as messages begin.
    pub(crate) fn who(&self) -> String {
        match self.location {
            Some(location) => format!("{} ({location})", self.what),
            None => self.what.clone(),
        }
    }
}

impl fmt::Debug for Need {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            NeedKind::Component { name, .. } => write!(formatter, "{} needs {name}", self.what),
            NeedKind::Config { key, .. } => write!(formatter, "{} needs key {key}", self.what),
            NeedKind::Cluster { name } => write!(formatter, "{} needs cluster {name}", self.what),
        }
    }
}

/// Collects needs; everything declared is checked before anything is built.
#[derive(Debug, Default)]
pub struct Needs {
    what: String,
    location: Option<Location>,
    list: Vec<Need>,
}

impl Needs {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says who needs what is declared next.
    pub fn at(&mut self, what: impl Into<String>, location: Location) -> &mut Self {
        self.what = what.into();
        self.location = Some(location);
        self
    }

    /// A component of type `T`, or a `dyn Trait` that a component provides.
    pub fn component<T: ?Sized + Send + Sync + 'static>(&mut self) {
        self.push_component::<T>(false);
    }

    /// Like [`component`](Self::component), but its absence is fine.
    pub fn optional_component<T: ?Sized + Send + Sync + 'static>(&mut self) {
        self.push_component::<T>(true);
    }

    /// A value at `key` of the configuration that reads as a `T`.
    pub fn config<T: DeserializeOwned>(&mut self, key: impl Into<String>) {
        self.push_config::<T>(key.into(), false);
    }

    /// Like [`config`](Self::config), but its absence is fine.
    pub fn optional_config<T: DeserializeOwned>(&mut self, key: impl Into<String>) {
        self.push_config::<T>(key.into(), true);
    }

    /// A cluster with this name in the configuration.
    pub fn cluster(&mut self, name: &'static str) {
        self.push(NeedKind::Cluster { name });
    }

    /// The list and a component that the application asks for by hand.
    pub(crate) fn with_required<T: ?Sized + Send + Sync + 'static>(mut self) -> Self {
        "`App::builder().require()`".clone_into(&mut self.what);
        self.component::<T>();
        self
    }

    /// What was declared so far.
    pub fn list(&self) -> &[Need] {
        &self.list
    }

    fn push_component<T: ?Sized + Send + Sync + 'static>(&mut self, optional: bool) {
        let name = std::any::type_name::<T>();
        self.push(NeedKind::Component { type_id: TypeId::of::<T>(), name, optional });
    }

    fn push_config<T: DeserializeOwned>(&mut self, key: String, optional: bool) {
        let check = |tree: &Tree, key: &str| tree.get::<T>(key).map(|value| value.is_some());
        self.push(NeedKind::Config { key, optional, check });
    }

    fn push(&mut self, kind: NeedKind) {
        self.list.push(Need { what: self.what.clone(), location: self.location, kind });
    }
}
