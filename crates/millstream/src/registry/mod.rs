//! What the annotations of the program declare, found at link time.
//!
//! Every type here is plain data and can be written by hand; the macros write nothing else.

mod consumer;
mod declared;
#[cfg(test)]
pub(crate) mod fixture;
mod linked;
mod location;
mod selection;
mod summary;
mod wanted;

pub use consumer::{BindListener, Consumer, ConsumerSet, ConsumerSpec, GenericConsumer, ListenerSpec, ListenersSpec};
pub use location::Location;

pub(crate) use consumer::{consumer_specs, listeners_specs};
pub(crate) use declared::DeclaredListener;
pub(crate) use linked::Linked;
pub(crate) use selection::{ConsumerValue, SelectedConsumer, select};
pub(crate) use summary::summary;
pub(crate) use wanted::{GivenConsumer, Wanted};
