//! Components as arguments.

use super::{ExtractError, FromMessage};
use crate::component::{Injector, Needs};
use crate::context::Context;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A component as an argument of a listener.
///
/// It is found once at start; a lack is a start error. A component that all methods of a consumer use is
/// better a field of the consumer, which costs nothing per message (an argument counts a reference).
///
/// `Option<Inject<T>>` is for a component that may be absent, `Inject<dyn Trait>` for one that provides a
/// trait object.
///
/// ```
/// use millstream::Inject;
///
/// struct Ledger;
///
/// impl Ledger {
///     async fn charge(&self, cents: u64) -> millstream::Result<()> {
/// #       let _ = cents;
///         Ok(())
///     }
/// }
///
/// async fn on_order(ledger: Inject<Ledger>) -> millstream::Result<()> {
///     ledger.charge(100).await
/// }
/// # let _ = on_order(Inject::new(Ledger));
/// ```
pub struct Inject<T: ?Sized>(
    /// The component.
    pub Arc<T>,
);

impl<T> Inject<T> {
    /// For tests that call a listener directly.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: ?Sized> Clone for Inject<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for Inject<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> From<Arc<T>> for Inject<T> {
    fn from(value: Arc<T>) -> Self {
        Self(value)
    }
}

// A component may hold secrets and need not be `Debug`.
impl<T: ?Sized> fmt::Debug for Inject<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Inject<{}>", std::any::type_name::<T>())
    }
}

impl<'m, T: ?Sized + Send + Sync + 'static> FromMessage<'m> for Inject<T> {
    type Prepared = Arc<T>;

    fn needs(needs: &mut Needs) {
        needs.component::<T>();
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Arc<T>> {
        injector.component::<T>()
    }

    fn needs_optionally(needs: &mut Needs) {
        needs.optional_component::<T>();
    }

    fn prepare_optionally(injector: &mut Injector<'_>) -> Option<Option<Arc<T>>> {
        Some(injector.optional_component::<T>())
    }

    #[inline]
    fn from_message(_: &'m Context, prepared: &'m Arc<T>) -> Result<Self, ExtractError> {
        Ok(Self(Arc::clone(prepared)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{Component, Requirement, component, extract_with, message, needs_of};

    trait Clock: Send + Sync {
        fn now(&self) -> u64;
    }

    struct Fixed(u64);

    impl Clock for Fixed {
        fn now(&self) -> u64 {
            self.0
        }
    }

    fn clock() -> Vec<Component> {
        vec![component::<dyn Clock>(Arc::new(Fixed(7)))]
    }

    #[test]
    fn a_component_and_a_trait_object_are_arguments() {
        let context = message(None);
        extract_with(&context, vec![component(Arc::new(Fixed(5)))], "", |fixed: Inject<Fixed>| {
            assert_eq!(fixed.0.0, 5);
        });
        extract_with(&context, clock(), "", |clock: Inject<dyn Clock>| assert_eq!(clock.now(), 7));
    }

    #[test]
    fn a_component_that_may_be_absent_is_an_option() {
        let context = message(None);
        extract_with(&context, vec![], "", |fixed: Option<Inject<Fixed>>| assert!(fixed.is_none()));
        extract_with(&context, clock(), "", |clock: Option<Inject<dyn Clock>>| {
            assert_eq!(clock.unwrap().now(), 7);
        });
    }

    #[test]
    fn needs_are_declared_before_anything_is_built() {
        assert_eq!(needs_of::<Inject<Fixed>>(), [Requirement::Required]);
        assert_eq!(needs_of::<Option<Inject<Fixed>>>(), [Requirement::Optional]);
    }
}
