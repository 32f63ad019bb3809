//! Components: values built once by the application and injected by type.

mod build;
mod given;
mod graph;
mod inject;
mod injector;
mod needs;
mod of_cluster;
mod spec;

pub use inject::{ConfigValue, Injected};
pub use injector::Injector;
pub use needs::{Need, Needs};
pub use of_cluster::OfCluster;
pub use spec::{BuildFuture, ComponentCast, ComponentSpec, Provision, ShutdownFuture, cast_component};

pub(crate) use build::{BuildFailure, Built, Endings, build};
pub(crate) use given::Given;
pub(crate) use graph::resolve;
pub(crate) use injector::Components;
pub(crate) use needs::NeedKind;
pub(crate) use spec::component_specs;
