//! A listener that takes several messages at once: one method, from its batch to its outcome.

use crate::__private::{Ask, SharedValue};
use crate::batch::{BatchContext, BatchExtractError, BatchOutcome, FromBatch};
use crate::component::{Injector, Needs};
use crate::engine::batch::BoundBatch;
use crate::engine::dispatch::BoundListener;
use crate::listener::Failure;
use std::any::Any;
use std::future::Future;
use std::sync::Arc;

/// One annotated method with `batch = { .. }`, as the macro describes it: static functions only.
pub trait BatchMethod: Send + Sync + 'static {
    /// The type the method belongs to.
    type Consumer: Send + Sync + 'static;
    /// What its arguments prepared at start.
    type Prepared: Send + Sync + 'static;

    /// Declares what its arguments need.
    fn needs(needs: &mut Needs);
    /// Prepares its arguments; `None` after a lack has been reported.
    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared>;
    /// Takes the arguments from the batch and calls the method.
    fn call<'m>(
        consumer: &'m Self::Consumer,
        batch: &'m BatchContext,
        prepared: &'m Self::Prepared,
    ) -> impl Future<Output = BatchOutcome> + Send + 'm;
}

/// Binds a method that takes batches to a consumer's value; `None` after a lack has been reported.
///
/// This is what stands in [`ListenerSpec::bind`](crate::registry::ListenerSpec::bind).
pub fn bind_batch<M: BatchMethod>(
    consumer: &Arc<dyn Any + Send + Sync>,
    injector: &mut Injector<'_>,
) -> Option<Arc<dyn BoundListener>> {
    let Ok(consumer) = Arc::clone(consumer).downcast::<M::Consumer>() else {
        injector.report("the value bound to this listener is of another type");
        return None;
    };
    let prepared = M::prepare(injector)?;
    Some(Arc::new(BoundBatch::<M>::new(consumer, prepared)))
}

/// What an argument's type prepares at start, without the lifetime of a batch: as
/// [`PreparesMessage`](crate::__private::PreparesMessage). What is told must be what [`FromBatch`] would say.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a listener that takes batches",
    label = "not something that can be taken from a batch",
    note = "payloads in JSON are taken as `Batch<Json<T>>` or `Vec<Json<T>>`; possible are `&BatchContext`, `Messages<'_>`, `Batch<T>` and `Vec<T>` of every type that can be taken from one message, `Inject<T>`, `Option<Inject<T>>`, `#[config(\"key\")] T`, and every type that implements `FromBatch`"
)]
pub trait PreparesBatch {
    /// See [`FromBatch::Prepared`].
    type Prepared: Send + Sync + 'static;
    /// See [`FromBatch::needs`].
    fn needs(needs: &mut Needs);
    /// See [`FromBatch::prepare`].
    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared>;
}

impl<T: FromBatch<'static>> PreparesBatch for T {
    type Prepared = T::Prepared;

    fn needs(needs: &mut Needs) {
        T::needs(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        T::prepare(injector)
    }
}

/// Awaits what an extractor waits for, after which it is asked again; a real error is what became of the batch.
///
/// # Errors
///
/// The outcome of the batch, whose method is not called.
pub async fn wait_to_take(error: BatchExtractError, argument: &'static str) -> Result<(), BatchOutcome> {
    use crate::batch::ExtractParts;
    match error.into_parts() {
        ExtractParts::Wait(error) => {
            crate::__private::wait_to_extract(error, argument).await.map_err(|failure| BatchOutcome::unnamed(*failure))
        }
        ExtractParts::Messages(list) => {
            let named = list.into_iter().map(|(index, error)| (index, error.for_argument(argument)));
            Err(BatchOutcome::undecoded(named.collect()))
        }
        ExtractParts::Whole(error) => Err(BatchOutcome::unnamed(Failure::Extract(error.for_argument(argument)))),
    }
}

/// See [`Ask`].
pub trait TakesBatch<'b> {
    /// The argument.
    type Taken: FromBatch<'b>;
    /// Takes it from the batch.
    ///
    /// # Errors
    ///
    /// As [`FromBatch::from_batch`].
    fn take_batch(
        self,
        batch: &'b BatchContext,
        prepared: &'b <Self::Taken as FromBatch<'b>>::Prepared,
    ) -> Result<Self::Taken, BatchExtractError>;
}

impl<'b, T: FromBatch<'b>> TakesBatch<'b> for Ask<T> {
    type Taken = T;

    fn take_batch(self, batch: &'b BatchContext, prepared: &'b T::Prepared) -> Result<T, BatchExtractError> {
        T::from_batch(batch, prepared)
    }
}

/// See [`Ask`].
pub trait ListensBatch {
    /// What its arguments need.
    fn needs_batch(self, needs: &mut Needs);
    /// Binds it to its consumer.
    fn bind_batch(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>>;
}

impl<M: BatchMethod> ListensBatch for Ask<M> {
    fn needs_batch(self, needs: &mut Needs) {
        M::needs(needs);
    }

    fn bind_batch(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>> {
        bind_batch::<M>(consumer, injector)
    }
}
