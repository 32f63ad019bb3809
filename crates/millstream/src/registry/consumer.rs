//! Consumers and their listeners, as the macros declare them.

use super::Location;
use crate::component::{Injector, Needs};
use crate::listener::BoundListener;
use crate::options::ListenerOptions;
use std::any::{Any, TypeId};
use std::sync::Arc;

/// How the value of a consumer is built: what `#[consumer]` on a struct declares.
#[derive(Debug)]
pub struct ConsumerSpec {
    /// The type, as a key.
    pub type_id: fn() -> TypeId,
    /// The type's name without its path, the first half of its listeners' ids.
    pub name: &'static str,
    /// Where the struct stands.
    pub location: Location,
    /// Defaults for all of its listeners: `#[consumer(group_id = "..")]`.
    pub options: fn() -> ListenerOptions,
    /// What its fields need.
    pub needs: fn(&mut Needs),
    /// Builds the value; `None` after the lack has been reported to the injector.
    pub build: fn(&mut Injector<'_>) -> Option<Arc<dyn Any + Send + Sync>>,
}

/// The listeners of one `#[consumer]` impl block.
#[derive(Debug)]
pub struct ListenersSpec {
    /// The type of the consumer, as a key.
    pub type_id: fn() -> TypeId,
    /// The type's name without its path, the first half of the listeners' ids.
    pub name: &'static str,
    /// Where the impl block stands.
    pub location: Location,
    /// Defaults for the listeners of this block: `#[consumer(group_id = "..")]` on the impl.
    pub options: fn() -> ListenerOptions,
    /// Its listeners, in the order of the source.
    pub listeners: &'static [ListenerSpec],
}

/// Binds a method to the value of its consumer.
pub type BindListener = fn(&Arc<dyn Any + Send + Sync>, &mut Injector<'_>) -> Option<Arc<dyn BoundListener>>;

/// One `#[kafka_listener]` method.
#[derive(Debug)]
pub struct ListenerSpec {
    /// The method's name, the second half of the listener's id.
    pub method: &'static str,
    /// Where the attribute stands.
    pub location: Location,
    /// What the attribute says.
    pub options: fn() -> ListenerOptions,
    /// What the method's arguments need.
    pub needs: fn(&mut Needs),
    /// Binds the method to the consumer's value; `None` after a lack has been reported.
    pub bind: BindListener,
}

inventory::collect!(ConsumerSpec);
inventory::collect!(ListenersSpec);

/// All structs of the program that are consumers, in the order of their source.
pub(crate) fn consumer_specs() -> Vec<&'static ConsumerSpec> {
    let mut specs: Vec<_> = inventory::iter::<ConsumerSpec>.into_iter().collect();
    specs.sort_by_key(|spec| spec.location);
    specs
}

/// All impl blocks of the program that listen, in the order of their source.
pub(crate) fn listeners_specs() -> Vec<&'static ListenersSpec> {
    let mut specs: Vec<_> = inventory::iter::<ListenersSpec>.into_iter().collect();
    specs.sort_by_key(|spec| spec.location);
    specs
}

/// A consumer that the framework can build: a struct with `#[consumer]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a consumer that the framework can build",
    label = "no `#[consumer]` on this struct",
    note = "put `#[consumer]` on the struct, or build the value yourself and bind it with `App::builder().consumer(value)`"
)]
pub trait Consumer: Send + Sync + Sized + 'static {
    /// How its value is built.
    const SPEC: &'static ConsumerSpec;
}

/// A generic type whose one `#[consumer]` impl block listens; a concrete one is bound by hand with
/// [`AppBuilder::generic_consumer`](crate::AppBuilder::generic_consumer).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a generic consumer",
    note = "put `#[consumer]` on the impl block of the generic type; a type that is not generic is bound with `.consumer(value)`"
)]
pub trait GenericConsumer: Send + Sync + Sized + 'static {
    /// The listeners of its impl block.
    const LISTENERS: &'static ListenersSpec;
}

/// A set of consumers that the compiler checks: `(Billing, Shipping)`.
pub trait ConsumerSet {
    /// How their values are built.
    fn specs() -> Vec<&'static ConsumerSpec>;
}

macro_rules! consumer_sets {
    (up to $first:ident $($rest:ident)*) => {
        consumer_sets!($first $($rest)*);
        consumer_sets!(up to $($rest)*);
    };
    (up to) => {};
    ($($name:ident)*) => {
        impl<$($name: Consumer),*> ConsumerSet for ($($name,)*) {
            fn specs() -> Vec<&'static ConsumerSpec> {
                vec![$($name::SPEC),*]
            }
        }
    };
}
consumer_sets!(up to A B C D E F G H I J K L M N O P Q R S T);
