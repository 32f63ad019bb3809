//! How long messages take, as metrics.

use super::{Layer, LayerFuture, Next, Passed};
use crate::context::Context;
use tokio::time::Instant;

/// Records how long every message took, through the facade of the crate `metrics`: a histogram
/// `millstream_handler_duration_seconds` with the labels `listener`, `topic` and `outcome` (`handled`, `skipped`,
/// `handled_before`, `failed`, `failed_for_good`).
///
/// It needs nothing: `layers(Durations)`, or by its name `durations`. Without a recorder that the application installs
/// it records nothing. Needs the feature `metrics`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Durations;

impl Layer for Durations {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            let start = Instant::now();
            let outcome = next.run().await;
            let word = match &outcome {
                Ok(Passed::Handled) => "handled",
                Ok(Passed::Skipped { .. }) => "skipped",
                Ok(Passed::HandledBefore) => "handled_before",
                Err(failure) if failure.is_terminal() => "failed_for_good",
                Err(_) => "failed",
            };
            let labels = [
                metrics::Label::new("listener", context.listener().to_owned()),
                metrics::Label::new("topic", context.topic().to_owned()),
                metrics::Label::from_static_parts("outcome", word),
            ];
            metrics::histogram!("millstream_handler_duration_seconds", labels.into_iter().collect::<Vec<_>>())
                .record(start.elapsed().as_secs_f64());
            outcome
        })
    }

    fn standalone() -> Option<Self> {
        Some(Self)
    }
}
