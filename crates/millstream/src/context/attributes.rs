//! Values that the application attaches for its listeners.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;

/// One value a type.
#[derive(Default)]
pub struct Attributes {
    values: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl Attributes {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Attaches a value, in place of an earlier one of its type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.values.insert(TypeId::of::<T>(), Box::new(value));
    }

    /// The value of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.values.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Attributes({})", self.values.len())
    }
}
