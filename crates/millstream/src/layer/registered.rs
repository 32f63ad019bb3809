//! The layers that the application knows, by name, and those that it puts around everything.

use super::{ContinueTrace, Layer, LayerType, LogOutcomes, Maker, short_name};
use crate::options::Text;
use millstream_config::{Problem, nearest};
use std::any::type_name;
use std::collections::BTreeMap;

/// What was said with `App::builder()`.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    /// Around every listener, outermost first.
    pub(crate) application: Vec<LayerType>,
    /// Around the listeners of the consumer whose type has this name.
    pub(crate) consumers: Vec<(&'static str, LayerType)>,
    /// Only named, for configuration.
    pub(crate) named: Vec<LayerType>,
}

impl Layers {
    pub(crate) fn around_all<L: Layer>(&mut self, layer: L) {
        self.application.push(LayerType::value(super::name_of::<L>(), layer));
    }

    pub(crate) fn around_consumer<C, L: Layer>(&mut self, layer: L) {
        let layer = LayerType::value(super::name_of::<L>(), layer);
        self.consumers.push((short_name(type_name::<C>()), layer));
    }

    pub(crate) fn name<L: Layer>(&mut self, name: Text, layer: L) {
        self.named.push(LayerType::value(name, layer));
    }

    /// Everything that has a name, those that `declared` mentions too; two that have the same one are a problem.
    pub(crate) fn known<'a>(
        &'a self,
        declared: impl Iterator<Item = &'a LayerType>,
        problems: &mut Vec<Problem>,
    ) -> BTreeMap<String, LayerType> {
        let mut known = BTreeMap::new();
        for shipped in shipped() {
            known.insert(shipped.name.to_string(), shipped);
        }
        let of_consumers = self.consumers.iter().map(|(_, layer)| layer);
        let said = self.application.iter().chain(of_consumers).chain(&self.named).chain(declared);
        for layer in said.filter(|layer| !matches!(layer.maker, Maker::Name)) {
            let before = known.insert(layer.name.to_string(), layer.clone());
            let Some(before) = before else { continue };
            if before.type_name() != layer.type_name() {
                let types = [&before, layer].map(|layer| layer.type_name().unwrap_or_default());
                problems.push(
                    Problem::new(format!("two layers are named `{}`: `{}` and `{}`", layer.name, types[0], types[1]))
                        .with_suggestion("name one of them with `App::builder().layer_named(\"other-name\", value)` and use that name"),
                );
            } else if matches!(before.maker, Maker::Value { .. }) {
                // A value that was given wins over the type.
                known.insert(
                    layer.name.to_string(),
                    if matches!(layer.maker, Maker::Value { .. }) { layer.clone() } else { before },
                );
            }
        }
        known
    }
}

/// Those that come with the framework.
fn shipped() -> Vec<LayerType> {
    vec![
        LayerType::of::<LogOutcomes>(),
        LayerType::of::<ContinueTrace>(),
        #[cfg(feature = "metrics")]
        LayerType::of::<super::Durations>(),
    ]
}

/// What to say about a name that no layer has.
pub(crate) fn unknown(name: &str, known: &BTreeMap<String, LayerType>) -> String {
    match nearest(name, known.keys().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "register it with `App::builder().layer_named(name, value)`, or name its type in an attribute with `layers(Type)`".to_owned(),
    }
}
