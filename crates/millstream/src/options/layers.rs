//! The layers that an attribute names.

use super::{ListenerOptions, Text};
use crate::layer::{Layer, LayerType};

impl ListenerOptions {
    /// One more layer around the listener, by its type; the first is the outermost. It is a component of the
    /// application, unless its [`standalone`](Layer::standalone) says otherwise.
    #[must_use]
    pub fn layer<L: Layer>(self) -> Self {
        self.one_more(LayerType::of::<L>())
    }

    /// One more layer around the listener, by the name that it was registered with.
    #[must_use]
    pub fn layer_named(self, name: impl Into<Text>) -> Self {
        self.one_more(LayerType::named(name))
    }

    /// No layers but those of the application and, for a listener, of its consumer.
    #[must_use]
    pub fn no_layers(mut self) -> Self {
        self.layers = Some(Vec::new());
        self
    }

    fn one_more(mut self, layer: LayerType) -> Self {
        self.layers.get_or_insert_default().push(layer);
        self
    }
}
