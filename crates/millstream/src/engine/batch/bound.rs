//! A method that takes batches, bound to its consumer.

use crate::batch::{BatchContext, BatchOutcome};
use crate::engine::dispatch::{BoundListener, Run, RunEnd};
use crate::engine::limit::Permit;
use crate::engine::wide::{Desk, work_in_batches};
use crate::error::Error;
use crate::listener::Failure;
use crate::listener_batch::BatchMethod;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// See the module.
pub(crate) struct BoundBatch<M: BatchMethod> {
    consumer: Arc<M::Consumer>,
    prepared: M::Prepared,
}

impl<M: BatchMethod> BoundBatch<M> {
    pub(crate) fn new(consumer: Arc<M::Consumer>, prepared: M::Prepared) -> Self {
        Self { consumer, prepared }
    }
}

impl<M: BatchMethod> fmt::Debug for BoundBatch<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(std::any::type_name::<M>())
    }
}

impl<M: BatchMethod> BoundListener for BoundBatch<M> {
    fn run<'a>(&'a self, _: &'a mut Run) -> Pin<Box<dyn Future<Output = RunEnd> + Send + 'a>> {
        let error =
            Error::terminal("the method takes batches and its listener has no `batch`: add `batch = { max = 500 }`");
        Box::pin(std::future::ready(RunEnd::Failed { failure: Some(Box::new(Failure::Error(error))) }))
    }

    fn work<'a>(&'a self, desk: &'a Desk, permit: Permit) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(work_in_batches(self, desk, permit))
    }

    fn take<'a>(&'a self, batch: &'a BatchContext) -> Pin<Box<dyn Future<Output = BatchOutcome> + Send + 'a>> {
        Box::pin(M::call(&self.consumer, batch, &self.prepared))
    }
}
