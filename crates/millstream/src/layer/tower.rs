//! Layers of the crate `tower` around a listener.

use super::{Layer, LayerFuture, Next, Passed};
use crate::context::Context;
use crate::error::{BoxError, Error};
use crate::listener::Failure;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Mutex as Slot;
use std::sync::PoisonError;
use std::task::{Context as TaskContext, Poll};
use tokio::sync::{Mutex, oneshot};
use tower_service::Service;

/// A layer of tower around a listener: `TowerLayer::new(tower::timeout::TimeoutLayer::new(limit))`.
///
/// Timeouts, limits of concurrency and rate, and load shedding fit, as does every layer whose service takes any request.
/// One service serves all messages that the layer surrounds, so that a limit holds for all of them together, and a
/// service need not be `Clone`; the wait in `poll_ready` is one queue in the order of coming, and counts for the
/// listener's `timeout`. Of the message a service sees nothing: what looks at it is a [`Layer`]. `tower::retry` and
/// `tower::hedge` do not fit, as a [`Request`] cannot be cloned: the listener's own `retries` keep the order. An error of
/// the service itself (a timeout, a load that was shed) is the message's failure and is retried like one of the listener;
/// an outer layer can make it terminal.
///
/// Give it a name with `App::builder().layer_named("limit", TowerLayer::new(..))`, or put it around everything with
/// `App::builder().layer(..)`. Needs the feature `tower`.
pub struct TowerLayer<S> {
    service: Mutex<S>,
}

impl<S> fmt::Debug for TowerLayer<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TowerLayer({})", std::any::type_name::<S>())
    }
}

impl<S> TowerLayer<S> {
    /// Makes the service once, around the listener.
    pub fn new<L: tower_layer::Layer<HandlerService, Service = S>>(layer: L) -> Self {
        Self { service: Mutex::new(layer.layer(HandlerService(()))) }
    }
}

/// What the service of a layer calls in the end: the listener, and the layers between.
#[derive(Debug, Clone)]
pub struct HandlerService(());

/// Stands for the message in hand while it goes through the service.
#[derive(Debug)]
pub struct Request {
    start: oneshot::Sender<()>,
    outcome: oneshot::Receiver<Result<Passed, HandlerFailed>>,
}

/// The listener failed: what the service passes on comes out of the layer as it was.
pub struct HandlerFailed {
    text: String,
    // A failure need not be `Sync`, an error that is boxed must be.
    failure: Slot<Option<Box<Failure>>>,
}

impl fmt::Debug for HandlerFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for HandlerFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for HandlerFailed {}

impl HandlerFailed {
    fn new(failure: Box<Failure>) -> Self {
        Self { text: failure.to_string(), failure: Slot::new(Some(failure)) }
    }

    /// What a future is told whose listener was dropped.
    fn gone() -> Self {
        Self { text: "the listener was stopped".into(), failure: Slot::new(None) }
    }

    #[allow(clippy::unnecessary_box_returns)] // as failures travel
    fn into_failure(self) -> Box<Failure> {
        let failure = self.failure.into_inner().unwrap_or_else(PoisonError::into_inner);
        failure.unwrap_or_else(|| Box::new(Failure::Error(Error::new(self.text))))
    }
}

impl Service<Request> for HandlerService {
    type Response = Passed;
    type Error = HandlerFailed;
    type Future = Pin<Box<dyn Future<Output = Result<Passed, HandlerFailed>> + Send>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), HandlerFailed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(async move {
            // Fails where the layer has been dropped meanwhile, as does what follows.
            let _ = request.start.send(());
            request.outcome.await.unwrap_or_else(|_| Err(HandlerFailed::gone()))
        })
    }
}

impl<S> Layer for TowerLayer<S>
where
    S: Service<Request, Response = Passed> + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn handle<'m>(&'m self, _: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            let (start, mut started) = oneshot::channel();
            let (tell, outcome) = oneshot::channel();
            let called = {
                let mut service = self.service.lock().await;
                poll_fn(|task| service.poll_ready(task)).await.map_err(failure)?;
                service.call(Request { start, outcome })
            };
            // The message is borrowed and the service's future is not: the listener runs here, when the service says so,
            // and the service is told how it ended.
            let mut called = std::pin::pin!(called);
            let is_started = tokio::select! {
                biased;
                answer = &mut called => return answer.map_err(failure),
                started = &mut started => started.is_ok(),
            };
            if !is_started {
                return called.await.map_err(failure);
            }
            let mut running = next.run();
            tokio::select! {
                biased;
                ended = &mut running => drop(tell.send(ended.map_err(HandlerFailed::new))),
                answer = &mut called => return answer.map_err(failure),
            }
            called.await.map_err(failure)
        })
    }
}

/// The listener's own failure as it was; the service's as an error of the layer.
#[allow(clippy::unnecessary_box_returns)] // as failures travel
fn failure(error: impl Into<BoxError>) -> Box<Failure> {
    match error.into().downcast::<HandlerFailed>() {
        Ok(failed) => failed.into_failure(),
        Err(error) => Box::new(Failure::Error(Error::new(error))),
    }
}
