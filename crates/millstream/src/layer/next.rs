//! What a layer surrounds.

use super::{Layer, LayerFuture};
use crate::context::Context;
use std::fmt;
use std::sync::Arc;

/// What stands behind all layers.
pub(crate) trait End: Send + Sync {
    fn run<'m>(&'m self, context: &'m Context) -> LayerFuture<'m>;
}

impl<F> End for F
where
    F: for<'m> Fn(&'m Context) -> LayerFuture<'m> + Send + Sync,
{
    fn run<'m>(&'m self, context: &'m Context) -> LayerFuture<'m> {
        self(context)
    }
}

/// What a layer surrounds: the layers further in, and the listener.
///
/// It runs once. A layer that does not run it acts instead of the listener.
pub struct Next<'m> {
    layers: &'m [Arc<dyn Layer>],
    end: &'m dyn End,
    context: &'m Context,
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Next({} layers for {:?})", self.layers.len(), self.context)
    }
}

impl<'m> Next<'m> {
    pub(crate) fn through(layers: &'m [Arc<dyn Layer>], end: &'m dyn End, context: &'m Context) -> Self {
        Self { layers, end, context }
    }

    /// A listener alone, for tests of layers.
    ///
    /// ```
    /// use millstream::Context;
    /// use millstream::layer::{Layer, LayerFuture, Next, Passed};
    ///
    /// fn listener(_: &Context) -> LayerFuture<'_> {
    ///     Box::pin(async { Ok(Passed::Handled) })
    /// }
    ///
    /// async fn passes(layer: &impl Layer, context: &Context) -> bool {
    ///     matches!(layer.handle(context, Next::listener(&listener, context)).await, Ok(Passed::Handled))
    /// }
    /// ```
    pub fn listener<F>(listener: &'m F, context: &'m Context) -> Self
    where
        F: for<'a> Fn(&'a Context) -> LayerFuture<'a> + Send + Sync,
    {
        Self { layers: &[], end: listener, context }
    }

    /// Handles the message. Dropping the future midway stops the listener where it waits, as its `timeout` does.
    pub fn run(self) -> LayerFuture<'m> {
        match self.layers.split_first() {
            Some((layer, layers)) => layer.handle(self.context, Self { layers, ..self }),
            None => self.end.run(self.context),
        }
    }
}
