//! A listener and what goes around it.

use super::next::End;
use super::{Around, LayerFuture, Next, Passed, Stopwatch, Tell, until_wanted};
use crate::context::Context;
use crate::engine::dispatch::{BoundListener, Handler, Run, RunEnd, run_in_order};
use crate::engine::limit::Permit;
use crate::engine::wide::{Desk, work};
use crate::idempotent::Gate;
use crate::listener::{Failure, Outcome};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A listener and what goes around it.
pub(crate) struct Layered<H> {
    pub(crate) handler: Arc<H>,
    pub(crate) around: Arc<Around>,
}

impl<H: fmt::Debug> fmt::Debug for Layered<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} in {:?}", self.handler, self.around)
    }
}

impl<H: Handler> Handler for Layered<H> {
    const KEEPS_TIME: bool = true;
    const ELSEWHERE: bool = H::ELSEWHERE;

    async fn handle<'m>(&'m self, context: &'m Context) -> Outcome {
        let Around { layers, gate, rate, timeout, .. } = &*self.around;
        if let Some(rate) = rate {
            until_wanted(context, rate.wait()).await?;
        }
        let watch = Stopwatch::default();
        let innermost = Innermost { handler: &*self.handler, gate: gate.as_ref(), watch: &watch };
        let call = Next::through(layers, &innermost, context).run();
        let passed = match timeout {
            None => call.await?,
            Some(timeout) => match watch.within(*timeout, call).await {
                Some(outcome) => outcome?,
                None => return Err(Box::new(Failure::Timeout(*timeout))),
            },
        };
        self.around.passed(&passed, context);
        Ok(())
    }
}

impl<H: Handler + fmt::Debug + 'static> BoundListener for Layered<H> {
    fn run<'a>(&'a self, run: &'a mut Run) -> Pin<Box<dyn Future<Output = RunEnd> + Send + 'a>> {
        Box::pin(run_in_order(self, run))
    }

    fn work<'a>(&'a self, desk: &'a Desk, permit: Permit) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(work(self, desk, permit))
    }

    fn attach(&self, tell: &Tell) {
        self.around.attach(tell);
    }
}

/// What stands behind all layers: the check for repetitions and the method.
struct Innermost<'a, H> {
    handler: &'a H,
    gate: Option<&'a Gate>,
    watch: &'a Stopwatch,
}

impl<H: Handler> End for Innermost<'_, H> {
    fn run<'m>(&'m self, context: &'m Context) -> LayerFuture<'m> {
        Box::pin(async move {
            match self.gate {
                None => self.handler.handle(context).await.map(|()| Passed::Handled),
                Some(gate) => gate.handle(context, self.watch, self.handler).await,
            }
        })
    }
}
