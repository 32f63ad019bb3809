//! Types that a field of a consumer or an argument of a constructor can have.

use super::{Injector, Needs};
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use std::sync::Arc;

/// A type that is injected by its type alone: `Arc<T>` of a component, or `Option<Arc<T>>` of one that may be absent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be injected",
    label = "not `Arc<T>` of a component",
    note = "a component is injected as `Arc<T>`, `Arc<dyn Trait>` or `Option<Arc<T>>`; a value of the configuration takes `#[config(\"key\")]`, a field with a default value `#[default]`"
)]
pub trait Injected: Sized {
    /// Declares the need.
    fn needs(needs: &mut Needs);
    /// Takes the value; `None` after the lack was reported.
    fn inject(injector: &mut Injector<'_>) -> Option<Self>;
}

impl<T: ?Sized + Send + Sync + 'static> Injected for Arc<T> {
    fn needs(needs: &mut Needs) {
        needs.component::<T>();
    }

    fn inject(injector: &mut Injector<'_>) -> Option<Self> {
        injector.component::<T>()
    }
}

impl<T: ?Sized + Send + Sync + 'static> Injected for Option<Arc<T>> {
    fn needs(needs: &mut Needs) {
        needs.optional_component::<T>();
    }

    fn inject(injector: &mut Injector<'_>) -> Option<Self> {
        Some(injector.optional_component::<T>())
    }
}

/// A type that `#[config("key")]` can have: anything that deserialises; `Option<T>` for a key that may be absent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the configuration",
    label = "does not implement `Deserialize`",
    note = "derive `serde::Deserialize` for it; borrowed types such as `&str` cannot be read, take `String`"
)]
pub trait ConfigValue: Sized {
    /// Declares the need.
    fn needs(needs: &mut Needs, key: &'static str);
    /// Takes the value; `None` after the problem was reported.
    fn inject(injector: &mut Injector<'_>, key: &'static str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> ConfigValue for T {
    fn needs(needs: &mut Needs, key: &'static str) {
        if absent::<T>().is_some() {
            needs.optional_config::<T>(key);
        } else {
            needs.config::<T>(key);
        }
    }

    fn inject(injector: &mut Injector<'_>, key: &'static str) -> Option<Self> {
        match absent::<T>() {
            Some(none) => injector.optional_config::<T>(key).map(|found| found.unwrap_or(none)),
            None => injector.config::<T>(key),
        }
    }
}

/// What an absent key means for `T`: the `None` of an `Option`, nothing for every other type.
///
/// Serde itself tells them apart, as it does for the missing fields of derived structs: only an
/// `Option` asks for an option.
fn absent<T: DeserializeOwned>() -> Option<T> {
    T::deserialize(Absent).ok()
}

struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("absent"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_option_may_be_absent() {
        assert_eq!(absent::<Option<u8>>(), Some(None));
        assert_eq!(absent::<u8>(), None);
        assert_eq!(absent::<()>(), None);
        assert_eq!(absent::<Vec<u8>>(), None);
    }
}
