//! What an application says about its consumers.

use super::{ConsumerSpec, Linked, ListenersSpec};
use crate::options::Text;
use std::any::{Any, TypeId};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What the application says about its consumers.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Those of `.consumers::<(..)>()`; nothing else is discovered then.
    pub(crate) chosen: Option<Vec<&'static ConsumerSpec>>,
    /// Set by `.discover(false)`.
    pub(crate) without_discovery: bool,
    /// Set by `.without_listeners()`: there need not be any.
    pub(crate) without_listeners: bool,
    /// Those of `.consumer(value)` and `.generic_consumer(value)`.
    pub(crate) given: Vec<GivenConsumer>,
}

/// A consumer's value, given by hand.
#[derive(Clone)]
pub(crate) struct GivenConsumer {
    pub(crate) type_id: TypeId,
    pub(crate) type_name: &'static str,
    /// Takes the place of the type's name in the ids of its listeners.
    pub(crate) name: Option<Text>,
    pub(crate) value: Arc<dyn Any + Send + Sync>,
    /// The impl block of a generic type.
    pub(crate) generic: Option<&'static ListenersSpec>,
}

impl fmt::Debug for GivenConsumer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.type_name)
    }
}

impl Wanted {
    pub(super) fn discovers(&self) -> bool {
        self.chosen.is_none() && !self.without_discovery
    }

    pub(super) fn built(&self, linked: &Linked) -> Vec<&'static ConsumerSpec> {
        let mut seen = BTreeSet::new();
        let mut specs = match &self.chosen {
            Some(chosen) => chosen.clone(),
            None if self.without_discovery => Vec::new(),
            None => linked.consumers.clone(),
        };
        specs.retain(|spec| seen.insert((spec.type_id)()));
        specs
    }
}
