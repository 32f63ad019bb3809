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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OwnedMessage;
    use crate::error::Error;
    use crate::layer::next::End;
    use crate::layer::{LayerOutcome, skip};
    use crate::testing::{ContextFacts, context};
    use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    type Ending = fn() -> LayerOutcome;

    /// Takes some time, and ends as the test says.
    struct Takes(Duration, Ending);

    impl End for Takes {
        fn run<'m>(&'m self, _: &'m Context) -> LayerFuture<'m> {
            Box::pin(async move {
                tokio::time::sleep(self.0).await;
                self.1()
            })
        }
    }

    /// What was recorded: the histogram with its labels, and the value.
    #[derive(Clone, Default)]
    struct Recorded(Arc<Mutex<Vec<(String, f64)>>>);

    struct Recording(Recorded, String);

    impl HistogramFn for Recording {
        fn record(&self, value: f64) {
            self.0.0.lock().unwrap().push((self.1.clone(), value));
        }
    }

    impl metrics::Recorder for Recorded {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
            Counter::noop()
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            let labels: Vec<String> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            Histogram::from_arc(Arc::new(Recording(self.clone(), format!("{} {}", key.name(), labels.join(" ")))))
        }
    }

    #[test]
    fn every_outcome_is_recorded_in_seconds_under_its_own_label() {
        let outcomes: [(&str, Ending); 5] = [
            ("handled", || Ok(Passed::Handled)),
            ("skipped", || skip("not ours")),
            ("handled_before", || Ok(Passed::HandledBefore)),
            ("failed", || Err(Error::new("no luck").into())),
            ("failed_for_good", || Err(Error::terminal("refused").into())),
        ];
        for (word, end) in outcomes {
            let recorded = Recorded::default();
            metrics::with_local_recorder(&recorded, || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
                runtime.unwrap().block_on(async {
                    let (context, _recorder) = context(OwnedMessage::new("orders", 0, 7), ContextFacts::default());
                    let (layers, end) = ([], Takes(Duration::from_millis(1500), end));
                    drop(Durations.handle(&context, Next::through(&layers, &end, &context)).await);
                });
            });
            let recorded = recorded.0.lock().unwrap().clone();
            let labels = format!("listener=Test.listener topic=orders outcome={word}");
            let [(name, seconds)] = &*recorded else { panic!("{word}: {recorded:?}") };
            assert_eq!(*name, format!("millstream_handler_duration_seconds {labels}"));
            assert!((1.5..2.0).contains(seconds), "{word}: {seconds}");
        }
    }
}
