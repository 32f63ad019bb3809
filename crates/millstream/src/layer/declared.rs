//! A layer as an attribute or a call names it.

use super::{Layer, name_of};
use crate::component::{Injector, Needs};
use crate::options::Text;
use std::any::type_name;
use std::fmt;
use std::sync::Arc;

/// A layer by its type or by its name: what `layers(Audit, "rate-limited")` is made of.
#[derive(Clone)]
pub struct LayerType {
    pub(crate) name: Text,
    pub(crate) maker: Maker,
}

/// Where the layer itself comes from.
#[derive(Clone)]
pub(crate) enum Maker {
    /// From whoever registered the name.
    Name,
    /// From the components, or from the type alone.
    Type { type_name: &'static str, needs: fn(&mut Needs), make: fn(&mut Injector<'_>) -> Option<Arc<dyn Layer>> },
    /// It is there.
    Value { type_name: &'static str, value: Arc<dyn Layer> },
}

impl LayerType {
    /// A layer by its type; its name is the type's in kebab case.
    pub fn of<L: Layer>() -> Self {
        let maker = Maker::Type { type_name: type_name::<L>(), needs: needs::<L>, make: make::<L> };
        Self { name: name_of::<L>().into(), maker }
    }

    /// A layer by the name that it was registered with.
    pub fn named(name: impl Into<Text>) -> Self {
        Self { name: name.into(), maker: Maker::Name }
    }

    pub(crate) fn value<L: Layer>(name: impl Into<Text>, layer: L) -> Self {
        Self { name: name.into(), maker: Maker::Value { type_name: type_name::<L>(), value: Arc::new(layer) } }
    }

    /// The type behind it, where it is known.
    pub(crate) fn type_name(&self) -> Option<&'static str> {
        match &self.maker {
            Maker::Name => None,
            Maker::Type { type_name, .. } | Maker::Value { type_name, .. } => Some(type_name),
        }
    }
}

fn needs<L: Layer>(needs: &mut Needs) {
    if L::standalone().is_none() {
        needs.component::<L>();
    }
}

fn make<L: Layer>(injector: &mut Injector<'_>) -> Option<Arc<dyn Layer>> {
    match L::standalone() {
        Some(layer) => Some(Arc::new(layer)),
        None => injector.component::<L>().map(|layer| layer as Arc<dyn Layer>),
    }
}

impl fmt::Debug for LayerType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.type_name() {
            Some(type_name) => write!(formatter, "LayerType({:?}, {type_name})", self.name),
            None => write!(formatter, "LayerType({:?})", self.name),
        }
    }
}

impl PartialEq for LayerType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.type_name() == other.type_name()
    }
}
