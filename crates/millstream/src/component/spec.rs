//! Components as the macro declares them.

use super::{Injector, Needs};
use crate::error::Result;
use crate::registry::Location;
use std::any::{Any, TypeId};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Builds a component: the `Arc` of its type, as `dyn Any`.
pub type BuildFuture = Pin<Box<dyn Future<Output = Result<Arc<dyn Any + Send + Sync>>> + Send>>;

/// Ends a component.
pub type ShutdownFuture = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Turns a component's `Arc` into the `Arc` that is injected, boxed; `None` if it is of another type.
pub type ComponentCast = fn(&Arc<dyn Any + Send + Sync>) -> Option<Box<dyn Any + Send + Sync>>;

/// The [`ComponentSpec::cast`] of a component of type `T`.
pub fn cast_component<T: Send + Sync + 'static>(
    component: &Arc<dyn Any + Send + Sync>,
) -> Option<Box<dyn Any + Send + Sync>> {
    let component = Arc::clone(component).downcast::<T>().ok()?;
    Some(Box::new(component))
}

/// What `#[component]` declares.
#[derive(Debug)]
pub struct ComponentSpec {
    /// The type, as a key.
    pub type_id: fn() -> TypeId,
    /// The type's name, for messages.
    pub name: &'static str,
    /// Where the attribute stands.
    pub location: Location,
    /// Turns the built `Arc` into an `Arc` of its own type, boxed as `dyn Any`: [`cast_component`].
    pub cast: ComponentCast,
    /// Whether it is built even when nothing reaches it.
    pub eager: bool,
    /// The trait objects as which it can be injected too: `provides = dyn Clock`.
    pub provides: &'static [Provision],
    /// What its constructor needs.
    pub needs: fn(&mut Needs),
    /// Collects what the constructor needs and starts it; `None` after a lack has been reported.
    pub build: fn(&mut Injector<'_>) -> Option<BuildFuture>,
    /// Runs at the end of the application, in the reverse order of building.
    pub shutdown: Option<fn(Arc<dyn Any + Send + Sync>) -> ShutdownFuture>,
}

/// One trait object as which a component can be injected.
#[derive(Debug)]
pub struct Provision {
    /// The trait object's type, as a key.
    pub type_id: fn() -> TypeId,
    /// Its name, for messages.
    pub name: &'static str,
    /// Turns the component's `Arc` into an `Arc<dyn Trait>`, boxed as `dyn Any`.
    pub cast: ComponentCast,
}

inventory::collect!(ComponentSpec);

/// All components of the program, in the order of their source.
pub(crate) fn component_specs() -> Vec<&'static ComponentSpec> {
    let mut specs: Vec<_> = inventory::iter::<ComponentSpec>.into_iter().collect();
    specs.sort_by_key(|spec| spec.location);
    specs
}
