//! Components, consumers and listeners for unit tests, as the macros would declare them.

use super::{ConsumerSpec, ListenerSpec, ListenersSpec, Location};
use crate::component::{Injector, Needs};
use crate::context::Context;
use crate::listener::{ListenerMethod, Outcome, bind};
use crate::options::ListenerOptions;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

/// A place in a source that does not exist.
pub(crate) const fn at(line: u32) -> Location {
    Location { crate_name: "shop", file: "src/shop.rs", line, column: 1 }
}

/// What happened, in order; given to components by hand.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Vec<String>>);

impl Journal {
    pub(crate) fn note(&self, entry: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into());
    }

    pub(crate) fn entries(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A component that notes in the journal when it is built and when it ends.
macro_rules! fixture_component {
    ($spec:ident = $name:ident at $line:literal needs [$($need:ty),*] $(provides [$($provided:ident),*])? $(eager $eager:literal)? $(fails $fails:literal)?) => {
        #[derive(Debug)]
        pub(super) struct $name(std::sync::Arc<crate::registry::fixture::Journal>);
        $($(impl $provided for $name {})*)?
        static $spec: crate::component::ComponentSpec = crate::component::ComponentSpec {
            type_id: std::any::TypeId::of::<$name>,
            name: stringify!($name),
            location: crate::registry::fixture::at($line),
            cast: crate::component::cast_component::<$name>,
            eager: false $(|| $eager)?,
            provides: &[$($(crate::component::Provision {
                type_id: std::any::TypeId::of::<dyn $provided>,
                name: concat!("dyn ", stringify!($provided)),
                cast: |component| {
                    let component = std::sync::Arc::clone(component).downcast::<$name>().ok()?;
                    Some(Box::new(component as std::sync::Arc<dyn $provided>))
                },
            }),*)?],
            needs: |needs| {
                let _ = &needs;
                $(<std::sync::Arc<$need> as crate::component::Injected>::needs(needs);)*
            },
            build: |injector| {
                $(let _: std::sync::Arc<$need> = crate::component::Injected::inject(injector)?;)*
                let journal = injector.component::<crate::registry::fixture::Journal>()?;
                Some(Box::pin(async move {
                    $(if $fails { return Err(crate::Error::new("no connection")); })?
                    journal.note(concat!("built ", stringify!($name)));
                    Ok(std::sync::Arc::new($name(journal)) as std::sync::Arc<dyn std::any::Any + Send + Sync>)
                }))
            },
            shutdown: Some(|component| Box::pin(async move {
                let component = component.downcast::<$name>().map_err(|_| "another type")?;
                component.0.note(concat!("ended ", stringify!($name)));
                Ok(())
            })),
        };
    };
}
pub(crate) use fixture_component;

fn no_needs(_: &mut Needs) {}

/// A method of `T` that does nothing.
struct Quiet<T>(PhantomData<fn() -> T>);

impl<T: Send + Sync + 'static> ListenerMethod for Quiet<T> {
    type Consumer = T;
    type Prepared = ();

    fn needs(needs: &mut Needs) {
        no_needs(needs);
    }

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    async fn call(_: &T, _: &Context, (): &()) -> Outcome {
        Ok(())
    }
}

/// A listener of `T` with the given name and options, whose method does nothing.
pub(crate) const fn listener<T: Send + Sync + 'static>(
    method: &'static str,
    line: u32,
    options: fn() -> ListenerOptions,
) -> ListenerSpec {
    ListenerSpec { method, location: at(line), options, needs: no_needs, bind: bind::<Quiet<T>> }
}

/// An impl block of `T`.
pub(crate) const fn block<T: 'static>(
    name: &'static str,
    line: u32,
    listeners: &'static [ListenerSpec],
) -> ListenersSpec {
    ListenersSpec {
        type_id: std::any::TypeId::of::<T>,
        name,
        location: at(line),
        options: ListenerOptions::new,
        listeners,
    }
}

/// A struct that is a consumer and built without needs.
pub(crate) const fn consumer<T: Default + Send + Sync + 'static>(name: &'static str, line: u32) -> ConsumerSpec {
    ConsumerSpec {
        type_id: std::any::TypeId::of::<T>,
        name,
        location: at(line),
        options: ListenerOptions::new,
        needs: no_needs,
        build: |_| Some(std::sync::Arc::new(T::default())),
    }
}
