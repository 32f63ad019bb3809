//! What the macros' expansions lean on. Not public API: it changes without notice.

pub use crate::answer::{Answer, IntoAnswer};
pub use crate::app::{IntoExit, RuntimeOptions, run_main, run_main_with};
pub use crate::batch::{BatchContext, BatchExtractError, BatchOutcome, FromBatch, IntoBatchOutcome};
pub use crate::blocking::{BlockingMethod, bind_blocking, wait_blocking};
pub use crate::client::{
    ClientSettings, FromDelivery, FromItem, FromReply, ReplyValue, TypedClient, TypedEvent, Written, ask,
    ask_for_several, emit,
};
pub use crate::component::{
    BuildFuture, ComponentSpec, ConfigValue, Injected, Injector, Needs, OfCluster, Provision, ShutdownFuture,
    cast_component,
};
pub use crate::context::Context;
pub use crate::error::{Error, Result};
pub use crate::extract::{ExtractError, FromConfig, FromHeader, FromMessage};
pub use crate::listener::{BoundListener, Failure, IntoOutcome, ListenerMethod, Outcome, bind};
pub use crate::listener_batch::{BatchMethod, ListensBatch, PreparesBatch, TakesBatch, bind_batch, wait_to_take};
pub use crate::options::{
    BackoffOption, BatchOption, DeadLetterOption, DurationOption, ErrorTest, IdempotentOption, ListenerOptions,
};
pub use crate::producer::Producer;
pub use crate::registry::{Consumer, ConsumerSpec, GenericConsumer, ListenerSpec, ListenersSpec, Location};
pub use crate::requests::Requests;
pub use crate::wire::Wire;
pub use inventory::submit;
pub use std::any::{Any, TypeId};
pub use std::boxed::Box;
pub use std::sync::Arc;

use crate::component::ComponentCast;
use std::future::Future;
use std::marker::PhantomData;

/// The value of a consumer or a component, whatever its type.
pub type SharedValue = Arc<dyn Any + Send + Sync>;

/// The value of a consumer. The bound is the trait, and not what it requires, so that a type which cannot be
/// shared is told once: where the trait is implemented.
pub fn shared<C: Consumer>(consumer: C) -> SharedValue {
    Arc::new(consumer)
}

/// A type with `#[component]`. That it is implemented once makes a second attribute a compile error.
pub trait Component: Send + Sync + Sized + 'static {}

/// The component itself, if the value is one of this type.
pub fn component_of<C: Component>(value: &SharedValue) -> Option<Arc<C>> {
    Arc::clone(value).downcast().ok()
}

/// How a component is injected by its own type.
pub const fn component_cast<C: Component>() -> ComponentCast {
    cast_component::<C>
}

/// A trait object that threads can share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be injected: threads cannot share it",
    label = "not `Send + Sync`",
    note = "declare it as `trait Name: Send + Sync`, or provide `dyn Name + Send + Sync`"
)]
pub trait Shareable: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Send + Sync + 'static> Shareable for T {}

/// A component as one of the traits that it provides.
#[allow(clippy::unnecessary_wraps)] // what a provision's cast returns
pub fn provided<T: ?Sized + Shareable>(component: Arc<T>) -> Option<Box<dyn Any + Send + Sync>> {
    Some(Box::new(component))
}

/// What builds a component.
pub fn built_by<C: Component>(component: impl Future<Output = Result<C>> + Send + 'static) -> BuildFuture {
    Box::pin(async move { component.await.map(|component| Arc::new(component) as SharedValue) })
}

/// What ends a component.
pub fn ended_by(shutdown: impl Future<Output = Result<()>> + Send + 'static) -> ShutdownFuture {
    Box::pin(shutdown)
}

/// What `init` of a component may return.
#[diagnostic::on_unimplemented(
    message = "`init` of a component cannot return `{Self}`",
    label = "not `{C}` or `Result<{C}, E>`",
    note = "`init` returns `Self`, or a `Result<Self, E>` whose error converts into `millstream::Error` (every error does)"
)]
pub trait IntoComponent<C> {
    /// The component, or why there is none.
    fn into_component(self) -> Result<C>;
}

impl<C> IntoComponent<C> for C {
    fn into_component(self) -> Result<C> {
        Ok(self)
    }
}

impl<C, E: Into<Error>> IntoComponent<C> for Result<C, E> {
    fn into_component(self) -> Result<C> {
        self.map_err(Into::into)
    }
}

/// What `shutdown` of a component may return.
#[diagnostic::on_unimplemented(
    message = "`shutdown` of a component cannot return `{Self}`",
    label = "not `()` or `Result<(), E>`",
    note = "`shutdown` returns `()`, or a `Result<(), E>` whose error converts into `millstream::Error` (every error does)"
)]
pub trait IntoShutdown {
    /// How it ended.
    fn into_shutdown(self) -> Result<()>;
}

impl IntoShutdown for () {
    fn into_shutdown(self) -> Result<()> {
        Ok(())
    }
}

impl<E: Into<Error>> IntoShutdown for Result<(), E> {
    fn into_shutdown(self) -> Result<()> {
        self.map_err(Into::into)
    }
}

/// Awaits what an extractor waits for, after which it is asked again; a real error is the message's failure.
///
/// It is not generic over the extractor: a future that is could not be shown to be `Send` for every lifetime.
pub async fn wait_to_extract(error: ExtractError, argument: &'static str) -> std::result::Result<(), Box<Failure>> {
    match error.into_wait() {
        Ok(wait) => wait.await.map_err(|error| Box::new(Failure::Error(Error::new(error)))),
        Err(error) => Err(not_extracted(error, argument)),
    }
}

/// The failure of a message that an argument could not be taken from.
#[cold]
pub fn not_extracted(error: ExtractError, argument: &'static str) -> Box<Failure> {
    Box::new(Failure::Extract(error.for_argument(argument)))
}

/// Leaves what a method that answers returned in its context: it is sent once everything around the method has ended
/// well.
pub fn leave_answer(context: &Context, returned: std::result::Result<Answer, Box<Failure>>) -> Outcome {
    context.leave_answer(returned?);
    Ok(())
}

/// What an argument's type prepares at start. It names no lifetime of a message, unlike [`FromMessage`], so
/// that an implementation can be bounded by it and a type that is no extractor is told of there, once. What is
/// told must be what [`FromMessage`] would say.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a listener",
    label = "not something that can be taken from a message",
    note = "a payload in JSON is taken as `Json<T>`; possible are `&Context`, `Json<T>`, `&str`, `String`, `&[u8]`, `Bytes`, `Key<T>`, `Headers<'_>`, `Timestamp`, `Inject<T>`, `Config<T>`, `#[header(\"name\")] T`, `Option<..>` and `Result<.., ExtractError>` of each, and every type that implements `FromMessage`"
)]
pub trait PreparesMessage {
    /// See [`FromMessage::Prepared`].
    type Prepared: Send + Sync + 'static;
    /// See [`FromMessage::needs`].
    fn needs(needs: &mut Needs);
    /// See [`FromMessage::prepare`].
    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared>;
}

impl<T: FromMessage<'static>> PreparesMessage for T {
    type Prepared = T::Prepared;

    fn needs(needs: &mut Needs) {
        T::needs(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        T::prepare(injector)
    }
}

/// The same for an argument with `#[config("key")]`.
#[diagnostic::on_unimplemented(
    message = "an argument of type `{Self}` cannot be read from the configuration",
    label = "does not implement `FromConfig`",
    note = "possible are `Config<T>`, `&T`, `&str`, `String`, numbers, `bool` and `Option<..>` of a key that may be absent, where `T` implements `serde::Deserialize`; and every type that implements `FromConfig`"
)]
pub trait PreparesConfig {
    /// See [`FromConfig::Prepared`].
    type Prepared: Send + Sync + 'static;
    /// See [`FromConfig::needs`].
    fn needs(needs: &mut Needs, key: &'static str);
    /// See [`FromConfig::prepare`].
    fn prepare(injector: &mut Injector<'_>, key: &'static str) -> Option<Self::Prepared>;
}

impl<T: FromConfig<'static>> PreparesConfig for T {
    type Prepared = T::Prepared;

    fn needs(needs: &mut Needs, key: &'static str) {
        T::needs(needs, key);
    }

    fn prepare(injector: &mut Injector<'_>, key: &'static str) -> Option<Self::Prepared> {
        T::prepare(injector, key)
    }
}

/// Something that is asked without insisting that it can answer: a type that should be an extractor, or a
/// listener's method.
///
/// What is wrong with a type is told at the bounds of the implementation of [`ListenerMethod`]; insisting on
/// it in every function as well would repeat the same mistake. So a method call on this finds [`Takes`],
/// [`TakesConfig`] or [`Listens`] for a type that can, and only otherwise, by one more reference,
/// [`CannotTake`] or [`CannotListen`].
#[derive(Debug)]
pub struct Ask<T>(PhantomData<fn() -> T>);

impl<T> Ask<T> {
    /// Asks this type.
    #[allow(clippy::new_without_default)] // only expansions make one
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// See [`Ask`].
pub trait Takes<'m> {
    /// The argument.
    type Taken: FromMessage<'m>;
    /// Takes it from the message.
    fn take_message(
        self,
        context: &'m Context,
        prepared: &'m <Self::Taken as FromMessage<'m>>::Prepared,
    ) -> std::result::Result<Self::Taken, ExtractError>;
}

impl<'m, T: FromMessage<'m>> Takes<'m> for Ask<T> {
    type Taken = T;

    #[inline]
    fn take_message(self, context: &'m Context, prepared: &'m T::Prepared) -> std::result::Result<T, ExtractError> {
        T::from_message(context, prepared)
    }
}

/// See [`Ask`].
pub trait TakesConfig<'m> {
    /// The argument.
    type Taken: FromConfig<'m>;
    /// Takes it from what was prepared.
    fn take_config(self, prepared: &'m <Self::Taken as FromConfig<'m>>::Prepared) -> Self::Taken;
}

impl<'m, T: FromConfig<'m>> TakesConfig<'m> for Ask<T> {
    type Taken = T;

    #[inline]
    fn take_config(self, prepared: &'m T::Prepared) -> T {
        T::from_config(prepared)
    }
}

/// See [`Ask`]. A program in which this is found does not compile.
pub trait CannotTake {
    /// The argument.
    type Taken;
    /// Never called.
    fn take_message<P>(self, context: &Context, prepared: &P) -> std::result::Result<Self::Taken, ExtractError>;
    /// Never called.
    fn take_config<P>(self, prepared: &P) -> Self::Taken;
    /// Never called.
    fn take_batch<P>(self, batch: &BatchContext, prepared: &P) -> std::result::Result<Self::Taken, BatchExtractError>;
}

impl<T> CannotTake for &Ask<T> {
    type Taken = T;

    fn take_message<P>(self, _: &Context, _: &P) -> std::result::Result<T, ExtractError> {
        Err(ExtractError::missing("anything of this type"))
    }

    fn take_config<P>(self, _: &P) -> T {
        loop {
            std::thread::park();
        }
    }

    fn take_batch<P>(self, _: &BatchContext, _: &P) -> std::result::Result<T, BatchExtractError> {
        Err(BatchExtractError::whole(ExtractError::missing("anything of this type")))
    }
}

/// See [`Ask`].
pub trait Listens {
    /// What its arguments need.
    fn needs(self, needs: &mut Needs);
    /// Binds it to its consumer.
    fn bind(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>>;
}

impl<M: ListenerMethod> Listens for Ask<M> {
    fn needs(self, needs: &mut Needs) {
        M::needs(needs);
    }

    fn bind(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>> {
        bind::<M>(consumer, injector)
    }
}

/// See [`Ask`]: for a method that is a plain function.
pub trait ListensBlocking {
    /// What its arguments need.
    fn needs_blocking(self, needs: &mut Needs);
    /// Binds it to its consumer.
    fn bind_blocking(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>>;
}

impl<M: BlockingMethod> ListensBlocking for Ask<M> {
    fn needs_blocking(self, needs: &mut Needs) {
        M::needs(needs);
    }

    fn bind_blocking(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>> {
        bind_blocking::<M>(consumer, injector)
    }
}

/// See [`Ask`]. A program in which this is found does not compile.
pub trait CannotListen {
    /// Never called.
    fn needs_blocking(self, needs: &mut Needs);
    /// Never called.
    fn bind_blocking(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>>;
    /// Never called.
    fn needs(self, needs: &mut Needs);
    /// Never called.
    fn bind(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>>;
    /// Never called.
    fn needs_batch(self, needs: &mut Needs);
    /// Never called.
    fn bind_batch(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>>;
}

impl<M> CannotListen for &Ask<M> {
    fn needs_blocking(self, _: &mut Needs) {}

    fn bind_blocking(self, consumer: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>> {
        self.bind(consumer, injector)
    }

    fn needs(self, _: &mut Needs) {}

    fn bind(self, _: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>> {
        injector.report("its types are not what a listener needs");
        None
    }

    fn needs_batch(self, _: &mut Needs) {}

    fn bind_batch(self, _: &SharedValue, injector: &mut Injector<'_>) -> Option<Arc<dyn BoundListener>> {
        injector.report("its types are not what a listener needs");
        None
    }
}
