//! Continues the trace that a message came with.

use super::{Layer, LayerFuture, Next};
use crate::context::Context;
use crate::trace::{self, TRACEPARENT, TRACESTATE, TraceContext};
use tracing::Instrument;

/// Handles every message that carries a W3C `traceparent` inside its trace: in a span `message` with the fields
/// `trace_id`, `parent_id`, `listener`, `topic`, `partition` and `offset`, so that lines of the log can be tied
/// together, and so that what a [`Producer`](crate::Producer) sends from there continues the trace. A malformed header
/// counts as none, as the standard says.
///
/// It needs nothing: `layers(ContinueTrace)`, or by its name `continue-trace`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContinueTrace;

impl Layer for ContinueTrace {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        let header = |name| context.header(name).and_then(|value| std::str::from_utf8(value).ok());
        let Some(received) = TraceContext::from_headers(header(TRACEPARENT), header(TRACESTATE)) else {
            return next.run();
        };
        let parent = received.parent();
        let span = tracing::info_span!(
            "message",
            trace_id = format_args!("{:032x}", parent.trace_id()),
            parent_id = format_args!("{:016x}", parent.parent_id()),
            listener = context.listener(),
            topic = context.topic(),
            partition = context.partition(),
            offset = context.offset(),
        );
        // The layers further in are called inside too.
        Box::pin(async move { trace::scope(received, async move { next.run().await }.instrument(span)).await })
    }

    fn standalone() -> Option<Self> {
        Some(Self)
    }
}
