//! What can be an argument of a listener that takes batches.

use super::context::BatchContext;
use super::messages::Messages;
use super::values::Batch;
use crate::component::{Injector, Needs};
use crate::context::Context;
use crate::extract::{ExtractError, FromMessage, Inject};
use std::fmt;

/// A type that can be an argument of a listener with `batch = { .. }`.
///
/// As [`FromMessage`] it works in two phases: what every batch will need is prepared at start, and the argument is
/// made from each batch and what was prepared.
///
/// ```
/// use millstream::component::Injector;
/// use millstream::{BatchContext, BatchExtractError, FromBatch, Messages};
///
/// /// How many bytes the payloads have.
/// struct Bytes(usize);
///
/// impl<'b> FromBatch<'b> for Bytes {
///     type Prepared = ();
///
///     fn prepare(_: &mut Injector<'_>) -> Option<()> {
///         Some(())
///     }
///
///     fn from_batch(batch: &'b BatchContext, _: &'b ()) -> Result<Self, BatchExtractError> {
///         Ok(Self(Messages::new(batch).iter().filter_map(|message| message.payload()).map(<[u8]>::len).sum()))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a listener that takes batches",
    label = "not something that can be taken from a batch",
    note = "payloads in JSON are taken as `Batch<Json<T>>` or `Vec<Json<T>>`; possible are `&BatchContext`, `Messages<'_>`, `Batch<T>` and `Vec<T>` of every type that can be taken from one message, `Inject<T>`, `Option<Inject<T>>`, `#[config(\"key\")] T`, and every type that implements `FromBatch`"
)]
pub trait FromBatch<'b>: Sized {
    /// What is prepared once at start.
    type Prepared: Send + Sync + 'static;

    /// Declares what [`prepare`](Self::prepare) will ask for.
    fn needs(needs: &mut Needs) {
        let _ = needs;
    }

    /// Prepares; `None` after a lack has been reported to the injector.
    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared>;

    /// Makes the argument.
    ///
    /// # Errors
    ///
    /// When messages of the batch do not have it. They fail without a retry, and the method is called for others.
    fn from_batch(batch: &'b BatchContext, prepared: &'b Self::Prepared) -> Result<Self, BatchExtractError>;
}

/// Why an argument could not be taken from a batch: which of its messages do not have it.
pub struct BatchExtractError {
    kind: Kind,
}

enum Kind {
    Messages(Vec<(usize, ExtractError)>),
    Wait(ExtractError),
    Whole(ExtractError),
}

impl BatchExtractError {
    /// The message at this index does not have it; an [`ExtractError::wait`] makes the engine await its future and
    /// extract again.
    pub fn message(index: usize, error: ExtractError) -> Self {
        let kind = if error.is_wait() { Kind::Wait(error) } else { Kind::Messages(vec![(index, error)]) };
        Self { kind }
    }

    /// The messages at these indices do not have it.
    pub fn messages(errors: impl IntoIterator<Item = (usize, ExtractError)>) -> Self {
        let mut list = Vec::new();
        for (index, error) in errors {
            if error.is_wait() {
                return Self { kind: Kind::Wait(error) };
            }
            list.push((index, error));
        }
        Self { kind: Kind::Messages(list) }
    }

    /// The batch as a whole does not have it.
    pub fn whole(error: ExtractError) -> Self {
        let kind = if error.is_wait() { Kind::Wait(error) } else { Kind::Whole(error) };
        Self { kind }
    }

    pub(crate) fn into_parts(self) -> Parts {
        match self.kind {
            Kind::Messages(list) => Parts::Messages(list),
            Kind::Wait(error) => Parts::Wait(error),
            Kind::Whole(error) => Parts::Whole(error),
        }
    }
}

/// See [`BatchExtractError`].
pub(crate) enum Parts {
    Messages(Vec<(usize, ExtractError)>),
    Wait(ExtractError),
    Whole(ExtractError),
}

impl fmt::Display for BatchExtractError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Messages(list) => {
                for (number, (index, error)) in list.iter().enumerate() {
                    let separator = if number == 0 { "" } else { "; " };
                    write!(formatter, "{separator}message {index} of the batch: {error}")?;
                }
                Ok(())
            }
            Kind::Wait(error) | Kind::Whole(error) => write!(formatter, "{error}"),
        }
    }
}

impl fmt::Debug for BatchExtractError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for BatchExtractError {}

/// Takes something from each message. Where the order is kept, what stands behind the first that does not have it is
/// not looked at: it comes again.
pub(super) fn extract_each<'b, T: FromMessage<'b>, E>(
    batch: &'b BatchContext,
    prepared: &'b T::Prepared,
    element: impl Fn(&'b Context, T) -> E,
) -> Result<Vec<E>, BatchExtractError> {
    let contexts = batch.contexts();
    let mut elements = Vec::with_capacity(contexts.len());
    let mut errors = Vec::new();
    for (index, context) in contexts.iter().enumerate() {
        match T::from_message(context, prepared) {
            Ok(value) => elements.push(element(context, value)),
            Err(error) if error.is_wait() => return Err(BatchExtractError::whole(error)),
            Err(error) => {
                errors.push((index, error));
                if batch.is_ordered() {
                    break;
                }
            }
        }
    }
    if errors.is_empty() { Ok(elements) } else { Err(BatchExtractError::messages(errors)) }
}

impl<'b, T: FromMessage<'b>> FromBatch<'b> for Batch<'b, T> {
    type Prepared = T::Prepared;

    fn needs(needs: &mut Needs) {
        T::needs(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        T::prepare(injector)
    }

    fn from_batch(batch: &'b BatchContext, prepared: &'b T::Prepared) -> Result<Self, BatchExtractError> {
        Self::extract(batch, prepared)
    }
}

/// The values alone.
impl<'b, T: FromMessage<'b>> FromBatch<'b> for Vec<T> {
    type Prepared = T::Prepared;

    fn needs(needs: &mut Needs) {
        T::needs(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        T::prepare(injector)
    }

    fn from_batch(batch: &'b BatchContext, prepared: &'b T::Prepared) -> Result<Self, BatchExtractError> {
        extract_each(batch, prepared, |_, value| value)
    }
}

impl<'b> FromBatch<'b> for Messages<'b> {
    type Prepared = ();

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    fn from_batch(batch: &'b BatchContext, (): &'b ()) -> Result<Self, BatchExtractError> {
        Ok(Self::new(batch))
    }
}

/// The batch as a whole, and its verbs.
impl<'b> FromBatch<'b> for &'b BatchContext {
    type Prepared = ();

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    fn from_batch(batch: &'b BatchContext, (): &'b ()) -> Result<Self, BatchExtractError> {
        Ok(batch)
    }
}

impl<T: ?Sized + Send + Sync + 'static> FromBatch<'_> for Inject<T> {
    type Prepared = <Self as FromMessage<'static>>::Prepared;

    fn needs(needs: &mut Needs) {
        <Self as FromMessage<'static>>::needs(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        <Self as FromMessage<'static>>::prepare(injector)
    }

    fn from_batch(_: &BatchContext, prepared: &Self::Prepared) -> Result<Self, BatchExtractError> {
        Ok(Self(std::sync::Arc::clone(prepared)))
    }
}

/// `None` for a component that nobody provides.
impl<T: ?Sized + Send + Sync + 'static> FromBatch<'_> for Option<Inject<T>> {
    type Prepared = Option<<Inject<T> as FromMessage<'static>>::Prepared>;

    fn needs(needs: &mut Needs) {
        <Inject<T> as FromMessage<'static>>::needs_optionally(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        <Inject<T> as FromMessage<'static>>::prepare_optionally(injector)
    }

    fn from_batch(_: &BatchContext, prepared: &Self::Prepared) -> Result<Self, BatchExtractError> {
        Ok(prepared.as_ref().map(|component| Inject(std::sync::Arc::clone(component))))
    }
}
