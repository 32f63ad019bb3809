//! Everything that the annotations of the linked crates registered.

use super::{ConsumerSpec, ListenersSpec, consumer_specs, listeners_specs};
use crate::component::{ComponentSpec, component_specs};

/// All registrations, each list in the order of the source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Linked {
    /// Structs with `#[consumer]`.
    pub(crate) consumers: Vec<&'static ConsumerSpec>,
    /// Impl blocks with `#[consumer]` of types that are not generic.
    pub(crate) listeners: Vec<&'static ListenersSpec>,
    /// Types with `#[component]`.
    pub(crate) components: Vec<&'static ComponentSpec>,
}

impl Linked {
    /// Those of this program.
    pub(crate) fn collect() -> Self {
        Self { consumers: consumer_specs(), listeners: listeners_specs(), components: component_specs() }
    }
}
