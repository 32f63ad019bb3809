//! A listener whose method is a plain function: it runs on threads that may block.

use crate::component::{Injector, Needs};
use crate::context::Context;
use crate::engine::dispatch::{BlockingRun, BoundListener, Handler, panic_message};
use crate::listener::{Failure, Outcome};
use crate::trace;
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::Thread;

/// One annotated method that is a plain function, as the macro describes it.
pub trait BlockingMethod: Send + Sync + 'static {
    /// The type the method belongs to.
    type Consumer: Send + Sync + 'static;
    /// What its arguments prepared at start.
    type Prepared: Send + Sync + 'static;

    /// Declares what its arguments need.
    fn needs(needs: &mut Needs);
    /// Prepares its arguments; `None` after a lack has been reported.
    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared>;
    /// Takes the arguments from the context and calls the method. Runs where blocking is allowed.
    fn call(consumer: &Self::Consumer, context: &Context, prepared: &Self::Prepared) -> Outcome;
}

/// A blocking method bound to the value it is called on; clones share it, so that threads can.
pub(crate) struct BoundBlocking<M: BlockingMethod> {
    parts: Arc<Parts<M>>,
}

struct Parts<M: BlockingMethod> {
    consumer: Arc<M::Consumer>,
    prepared: M::Prepared,
}

impl<M: BlockingMethod> Clone for BoundBlocking<M> {
    fn clone(&self) -> Self {
        Self { parts: Arc::clone(&self.parts) }
    }
}

impl<M: BlockingMethod> fmt::Debug for BoundBlocking<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(std::any::type_name::<M>())
    }
}

impl<M: BlockingMethod> BoundBlocking<M> {
    fn call(&self, context: &Context) -> Outcome {
        catch_unwind(AssertUnwindSafe(|| M::call(&self.parts.consumer, context, &self.parts.prepared)))
            .unwrap_or_else(|panic| Err(Box::new(Failure::Panic(panic_message(&*panic)))))
    }
}

/// One message on a thread of its own, while its task waits: for messages that run side by side, and inside layers.
impl<M: BlockingMethod> Handler for BoundBlocking<M> {
    const ELSEWHERE: bool = true;

    async fn handle<'m>(&'m self, context: &'m Context) -> Outcome {
        let (own, bound) = (context.fork(), self.clone());
        // Layers may have entered them, and a thread inherits neither.
        let (trace, span) = (trace::current(), tracing::Span::current());
        let called = tokio::task::spawn_blocking(move || {
            let outcome = span.in_scope(|| trace::scope_sync(trace, || bound.call(&own)));
            (own, outcome)
        });
        match called.await {
            Ok((own, outcome)) => {
                context.join(&own);
                outcome
            }
            // The runtime is ending: the message comes again.
            Err(error) => Err(Box::new(Failure::Panic(error.to_string()))),
        }
    }
}

/// The same on a thread that may block already.
pub(crate) struct InPlace<M: BlockingMethod>(BoundBlocking<M>);

impl<M: BlockingMethod> Handler for InPlace<M> {
    async fn handle<'m>(&'m self, context: &'m Context) -> Outcome {
        self.0.call(context)
    }
}

impl<M: BlockingMethod> BlockingRun for BoundBlocking<M> {
    fn in_place(&self) -> impl Handler + 'static {
        InPlace(self.clone())
    }
}

/// Binds a blocking method to a consumer's value; `None` after a lack has been reported.
pub fn bind_blocking<M: BlockingMethod>(
    consumer: &Arc<dyn Any + Send + Sync>,
    injector: &mut Injector<'_>,
) -> Option<Arc<dyn BoundListener>> {
    let Ok(consumer) = Arc::clone(consumer).downcast::<M::Consumer>() else {
        injector.report("the value bound to this listener is of another type");
        return None;
    };
    let prepared = M::prepare(injector)?;
    Some(Arc::new(BoundBlocking::<M> { parts: Arc::new(Parts { consumer, prepared }) }))
}

/// Waits for what an extractor needs, on a thread that may block.
pub fn wait_blocking<T>(future: impl Future<Output = T>) -> T {
    block_on(future)
}

/// Awaits on this thread, also where a runtime drives it already.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut task = TaskContext::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut task) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
