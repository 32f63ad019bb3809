//! Extractors: the types that a listener's arguments can have.

mod config;
mod error;
mod facts;
mod header;
mod inject;
mod json;
mod key;
mod optional;
mod payload;
#[cfg(test)]
pub(crate) mod tests;
mod text;

pub use config::{Config, ConfigKey, FromConfig};
pub use error::ExtractError;
pub use facts::{Offset, Partition, Topic};
pub use header::FromHeader;
pub use inject::Inject;
pub use json::Json;
pub(crate) use json::{Refusal, explain};
pub use key::{FromKey, Key};

use crate::component::{Injector, Needs};
use crate::context::Context;

/// A type that can be an argument of a listener.
///
/// It works in two phases. At start, [`prepare`](Self::prepare) takes what every message will need (a
/// component, a decoder), and a lack is a start error on the argument's line. Then
/// [`from_message`](Self::from_message) makes the argument from each message and what was prepared: no
/// lookup, no lock.
///
/// ```
/// use millstream::component::Injector;
/// use millstream::{Context, ExtractError, FromMessage};
///
/// /// The tenant, from the first half of the key.
/// struct Tenant<'m>(&'m str);
///
/// impl<'m> FromMessage<'m> for Tenant<'m> {
///     type Prepared = ();
///
///     fn prepare(_: &mut Injector<'_>) -> Option<()> {
///         Some(())
///     }
///
///     fn from_message(context: &'m Context, _: &'m ()) -> Result<Self, ExtractError> {
///         let key = context.key().ok_or_else(|| ExtractError::missing("a key"))?;
///         let key = std::str::from_utf8(key).map_err(|error| ExtractError::malformed("the key", error))?;
///         let (tenant, _) = key.split_once('/').unwrap_or((key, ""));
///         Ok(Self(tenant))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a listener",
    label = "not something that can be taken from a message",
    note = "a payload in JSON is taken as `Json<T>`; possible are `&Context`, `Json<T>`, `&str`, `String`, `&[u8]`, `Bytes`, `Key<T>`, `Headers<'_>`, `Timestamp`, `Inject<T>`, `Config<T>`, `#[header(\"name\")] T`, `Option<..>` and `Result<.., ExtractError>` of each, and every type that implements `FromMessage`"
)]
pub trait FromMessage<'m>: Sized {
    /// What is prepared once at start.
    type Prepared: Send + Sync + 'static;

    /// Declares what [`prepare`](Self::prepare) will ask for, so that components are built only when
    /// somebody needs them and a lack is found before anything is built.
    fn needs(needs: &mut Needs) {
        let _ = needs;
    }

    /// Prepares; `None` after a lack has been reported to the injector.
    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared>;

    /// Like [`needs`](Self::needs) for an argument of type `Option<Self>`: what may be absent at start is
    /// declared as optional. Only extractors of such things write this.
    fn needs_optionally(needs: &mut Needs) {
        Self::needs(needs);
    }

    /// Like [`prepare`](Self::prepare) for an argument of type `Option<Self>`: what is absent at start
    /// gives `Some(None)` and is `None` for every message.
    #[allow(clippy::option_option)] // the outer one says whether a lack was reported
    fn prepare_optionally(injector: &mut Injector<'_>) -> Option<Option<Self::Prepared>> {
        Self::prepare(injector).map(Some)
    }

    /// Makes the argument.
    ///
    /// # Errors
    ///
    /// When the message does not have it. The message then goes to the listener's `on_failure` without a
    /// retry, but for [`ExtractError::wait`].
    fn from_message(context: &'m Context, prepared: &'m Self::Prepared) -> Result<Self, ExtractError>;
}
