//! Values of the configuration as arguments.

use super::{ExtractError, FromMessage};
use crate::component::{ConfigValue, Injector, Needs};
use crate::context::Context;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A value of the configuration as an argument of a listener, read once at start; a lack is a start error.
///
/// Which key it is, the argument says with `#[config("billing.limits")]`, or `T` with [`ConfigKey`].
///
/// ```
/// use millstream::{Config, ConfigKey};
///
/// #[derive(serde::Deserialize)]
/// struct Limits {
///     cents: u64,
/// }
///
/// impl ConfigKey for Limits {
///     const KEY: &'static str = "billing.limits";
/// }
///
/// async fn on_order(limits: Config<Limits>) -> bool {
///     limits.cents > 100
/// }
/// # let _ = on_order(Config::new(Limits { cents: 5 }));
/// ```
pub struct Config<T>(
    /// The value.
    pub Arc<T>,
);

/// Says under which key of the configuration a type stands, so that [`Config`] needs no attribute.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say under which key of the configuration it stands",
    label = "does not implement `ConfigKey`",
    note = "put `#[config(\"key\")]` on the argument, or implement `ConfigKey` for the type"
)]
pub trait ConfigKey {
    /// The key, its segments separated by dots: `billing.limits`.
    const KEY: &'static str;
}

impl<T> Config<T> {
    /// For tests that call a listener directly.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Clone for Config<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Config<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

// The value may be a password.
impl<T> fmt::Debug for Config<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Config<{}>", std::any::type_name::<T>())
    }
}

impl<'m, T> FromMessage<'m> for Config<T>
where
    T: ConfigKey + DeserializeOwned + Send + Sync + 'static,
{
    type Prepared = Arc<T>;

    fn needs(needs: &mut Needs) {
        <T as ConfigValue>::needs(needs, T::KEY);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Arc<T>> {
        <T as ConfigValue>::inject(injector, T::KEY).map(Arc::new)
    }

    fn needs_optionally(needs: &mut Needs) {
        needs.optional_config::<T>(T::KEY);
    }

    fn prepare_optionally(injector: &mut Injector<'_>) -> Option<Option<Arc<T>>> {
        injector.optional_config::<T>(T::KEY).map(|value| value.map(Arc::new))
    }

    #[inline]
    fn from_message(_: &'m Context, prepared: &'m Arc<T>) -> Result<Self, ExtractError> {
        Ok(Self(Arc::clone(prepared)))
    }
}

/// A type that an argument with `#[config("key")]` can have.
#[diagnostic::on_unimplemented(
    message = "an argument of type `{Self}` cannot be read from the configuration",
    label = "does not implement `FromConfig`",
    note = "possible are `Config<T>`, `&T`, `&str`, `String`, numbers, `bool` and `Option<..>` of a key that may be absent, where `T` implements `serde::Deserialize`; and every type that implements `FromConfig`"
)]
pub trait FromConfig<'m>: Sized {
    /// What is read once at start.
    type Prepared: Send + Sync + 'static;

    /// Declares the key, so that a lack is found before anything is built.
    fn needs(needs: &mut Needs, key: &'static str);

    /// Reads the key; `None` after the problem was reported to the injector.
    fn prepare(injector: &mut Injector<'_>, key: &'static str) -> Option<Self::Prepared>;

    /// Makes the argument, for each message.
    fn from_config(prepared: &'m Self::Prepared) -> Self;
}

macro_rules! from_config {
    ($([$($generics:tt)*] $type:ty, $value:ty, $prepared:ty, |$read:ident| $prepare:expr, |$held:ident| $give:expr;)*) => {$(
        impl<'m, $($generics)*> FromConfig<'m> for $type {
            type Prepared = $prepared;

            fn needs(needs: &mut Needs, key: &'static str) {
                <$value as ConfigValue>::needs(needs, key);
            }

            fn prepare(injector: &mut Injector<'_>, key: &'static str) -> Option<Self::Prepared> {
                let $read = <$value as ConfigValue>::inject(injector, key)?;
                Some($prepare)
            }

            #[inline]
            fn from_config($held: &'m Self::Prepared) -> Self {
                $give
            }
        }
    )*};
}

from_config! {
    [T: DeserializeOwned + Send + Sync + 'static] Config<T>, T, Arc<T>, |read| Arc::new(read), |held| Self(Arc::clone(held));
    [T: DeserializeOwned + Send + Sync + 'static] &'m T, T, T, |read| read, |held| held;
    [T: DeserializeOwned + Clone + Send + Sync + 'static] Option<T>, Option<T>, Option<T>, |read| read, |held| held.clone();
    [] &'m str, String, String, |read| read, |held| held;
    [] String, String, String, |read| read, |held| held.clone();
}

macro_rules! copied {
    ($($type:ty)*) => {
        from_config! { $([] $type, $type, $type, |read| read, |held| *held;)* }
    };
}
copied!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{Requirement, extract_with, message, needs_of, prepare_config};

    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Limits {
        cents: u64,
    }

    impl ConfigKey for Limits {
        const KEY: &'static str = "billing.limits";
    }

    const FILE: &str = "[billing]\ncurrency = \"EUR\"\nlimits = { cents = 500 }\n";

    #[test]
    fn a_type_with_a_key_is_an_argument() {
        extract_with(&message(None), vec![], FILE, |limits: Config<Limits>| {
            assert_eq!(limits.cents, 500);
        });
        extract_with(&message(None), vec![], "", |limits: Option<Config<Limits>>| {
            assert!(limits.is_none());
        });
        assert_eq!(needs_of::<Config<Limits>>(), [Requirement::Required]);
        assert_eq!(needs_of::<Option<Config<Limits>>>(), [Requirement::Optional]);
    }

    #[test]
    fn a_key_of_the_attribute_gives_every_kind_of_argument() {
        prepare_config::<&str, _>(FILE, "billing.currency", |it| assert_eq!(it, Some("EUR")));
        prepare_config::<String, _>(FILE, "billing.currency", |it| assert_eq!(it.unwrap(), "EUR"));
        prepare_config::<u32, _>(FILE, "billing.limits.cents", |it| assert_eq!(it, Some(500)));
        prepare_config::<&Limits, _>(FILE, "billing.limits", |it| {
            assert_eq!(it, Some(&Limits { cents: 500 }));
        });
        prepare_config::<Config<Limits>, _>(FILE, "billing.limits", |it| {
            assert_eq!(it.unwrap().cents, 500);
        });
    }

    #[test]
    fn an_absent_key_is_none_for_an_option_and_reported_for_others() {
        prepare_config::<Option<u32>, _>(FILE, "billing.nothing", |it| assert_eq!(it, Some(None)));
        prepare_config::<Config<Option<u32>>, _>(FILE, "billing.nothing", |it| {
            assert_eq!(*it.unwrap(), None);
        });
        prepare_config::<u32, _>(FILE, "billing.nothing", |it| assert_eq!(it, None));
    }

    #[test]
    fn a_value_of_another_type_is_reported_even_for_an_option() {
        prepare_config::<Option<u32>, _>(FILE, "billing.currency", |it| assert_eq!(it, None));
    }
}
