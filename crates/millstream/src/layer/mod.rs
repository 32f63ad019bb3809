//! What goes around a listener: middleware, in the way of tower.
//!
//! A [`Layer`] is given the context and the undecoded message. It acts before the listener, after it, instead of it
//! ([`skip`]), and on its failure. The message's way through a listener is
//!
//! ```text
//! rate → timeout( layers of the application → of the consumer → of the listener → idempotent → arguments → method )
//! ```
//!
//! so that the first layer of a list is the outermost, a wait for the rate does not count for `timeout`, and a layer
//! sees payloads that will not decode. A layer that stands in several of the lists acts once, where it comes first.
//!
//! | list | in the program | replaced by the configuration |
//! |---|---|---|
//! | the application's | `App::builder().layer(value)` | `[kafka.listener_defaults] layers = ["audit"]` |
//! | a consumer's | `#[consumer(layers(Audit))]`, `App::builder().consumer_layer::<Billing>(value)` | `[kafka.consumers.Billing] layers = []` |
//! | a listener's | `#[kafka_listener("orders", layers(Audit, RateLimited))]` | `[kafka.listeners."Billing.on_order"] layers = [..]` |
//!
//! A list of the configuration replaces that list alone, as arrays do; the other two stay. Layers are named there: by
//! the type's name in kebab case (`RateLimited` is `rate-limited`), or as `App::builder().layer_named("audit", value)`
//! says. `[kafka.layers.audit] enabled = false` switches one off everywhere. What a layer itself is configured with are
//! its own `#[config("..")]` fields: a layer that is named by its type is a component of the application, shared by all
//! listeners that name it.
//!
//! A listener without layers is compiled without them and pays nothing. A layer costs one boxed future for each message.

mod around;
mod continue_trace;
mod declared;
#[cfg(feature = "metrics")]
mod durations;
mod layered;
mod log_outcomes;
mod name;
mod next;
mod rate;
mod registered;
mod stopwatch;
#[cfg(test)]
mod tests;
#[cfg(feature = "tower")]
mod tower;

pub use continue_trace::ContinueTrace;
#[cfg(feature = "metrics")]
pub use durations::Durations;
pub use log_outcomes::LogOutcomes;
pub use next::Next;
#[cfg(feature = "tower")]
pub use tower::{HandlerFailed, HandlerService, Request, TowerLayer};

pub(crate) use around::until_wanted;
#[doc(hidden)]
pub use around::{Around, Tell};
pub use declared::LayerType;
pub(crate) use declared::Maker;
pub(crate) use layered::Layered;
pub(crate) use name::{name_of, short_name};
pub(crate) use rate::RateLimit;
pub(crate) use registered::{Layers, unknown};
pub(crate) use stopwatch::Stopwatch;

use crate::context::Context;
use crate::error::Error;
use crate::listener::Failure;
use std::future::Future;
use std::pin::Pin;

/// How a message went through a layer, or through what the layer surrounds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Passed {
    /// The listener handled it.
    Handled,
    /// A layer settled it instead of the listener.
    Skipped {
        /// Why.
        reason: String,
    },
    /// The listener is idempotent, and has handled it before.
    HandledBefore,
}

/// What a layer returns: how the message passed, or why it failed.
///
/// Any error converts with `?`, as in a listener.
pub type LayerOutcome = Result<Passed, Box<Failure>>;

/// The future of a [`Layer`], boxed: `Box::pin(async move { .. })`.
pub type LayerFuture<'m> = Pin<Box<dyn Future<Output = LayerOutcome> + Send + 'm>>;

/// Something that goes around listeners: it sees every message before them and every outcome after them.
///
/// ```
/// use millstream::layer::{self, Layer, LayerFuture, Next};
/// use millstream::{Context, Error};
///
/// /// Leaves messages of other tenants alone, and does not retry what the bank refuses.
/// struct Tenant(&'static str);
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("refused")]
/// struct Refused;
///
/// impl Layer for Tenant {
///     fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
///         Box::pin(async move {
///             if context.header("tenant") != Some(self.0.as_bytes()) {
///                 return layer::skip("it belongs to another tenant");
///             }
///             next.run().await.map_err(|failure| failure.map_error(|error| {
///                 if error.as_source().is::<Refused>() { Error::terminal(error.into_source()) } else { error }
///             }))
///         })
///     }
/// }
/// ```
///
/// A panic of a layer is the message's failure, like one of the listener. A layer must bear that its future is dropped
/// at any await: when the listener's `timeout` is over, or the partition was taken away.
pub trait Layer: Send + Sync + 'static {
    /// Handles a message, by [`Next::run`] or instead of it.
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m>;

    /// The layer itself, where naming its type is enough: `layers(LogOutcomes)`. `None`, the default, means that the
    /// layer is a component of the application.
    fn standalone() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// Settles the message without the listener: what a guard returns. It is told as an event and in the log, with the
/// reason. A request that is skipped gets no answer; a guard that wants to tell who asked returns an error instead,
/// which the listener's failure policy answers ([`Error::terminal`] at once).
#[allow(clippy::unnecessary_wraps)] // what a layer returns
pub fn skip(reason: impl Into<String>) -> LayerOutcome {
    Ok(Passed::Skipped { reason: reason.into() })
}

impl From<Error> for Box<Failure> {
    fn from(error: Error) -> Self {
        Box::new(Failure::Error(error))
    }
}

impl<E: Into<crate::error::BoxError>> From<E> for Box<Failure> {
    fn from(error: E) -> Self {
        Box::new(Failure::Error(Error::new(error)))
    }
}
