//! Logs how every message ended.

use super::{Layer, LayerFuture, Next, Passed};
use crate::context::Context;
use tokio::time::Instant;

/// Logs how every message ended: outcome, duration and attempt, with topic, partition and offset. Successes at level
/// `debug`, failures at `warn`; never payloads, keys or headers.
///
/// It needs nothing: `layers(LogOutcomes)`, or by its name `log-outcomes`.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogOutcomes;

impl Layer for LogOutcomes {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            let start = Instant::now();
            let outcome = next.run().await;
            let (listener, topic, partition) = (context.listener(), context.topic(), context.partition());
            let (offset, attempt, duration) = (context.offset(), context.attempt(), start.elapsed());
            match &outcome {
                Ok(Passed::Handled) => {
                    tracing::debug!(listener, topic, partition, offset, attempt, ?duration, "handled");
                }
                Ok(Passed::Skipped { reason }) => {
                    tracing::debug!(
                        listener,
                        topic,
                        partition,
                        offset,
                        attempt,
                        ?duration,
                        reason,
                        "skipped by a layer"
                    );
                }
                Ok(Passed::HandledBefore) => {
                    tracing::debug!(listener, topic, partition, offset, attempt, ?duration, "handled before");
                }
                Err(failure) => {
                    let terminal = failure.is_terminal();
                    tracing::warn!(
                        listener, topic, partition, offset, attempt, ?duration, terminal, error = %failure,
                        "not handled"
                    );
                }
            }
            outcome
        })
    }

    fn standalone() -> Option<Self> {
        Some(Self)
    }
}
