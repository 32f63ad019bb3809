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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OwnedMessage;
    use crate::error::Error;
    use crate::layer::next::End;
    use crate::layer::{LayerOutcome, skip};
    use crate::testing::{ContextFacts, context};
    use std::io;
    use std::sync::{Arc, Mutex};

    type Ending = fn() -> LayerOutcome;

    /// Ends as the test says.
    struct Ends(Ending);

    impl End for Ends {
        fn run<'m>(&'m self, _: &'m Context) -> LayerFuture<'m> {
            Box::pin(std::future::ready(self.0()))
        }
    }

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged of a message that ends so.
    async fn logged(end: Ending) -> String {
        let written = Written::default();
        let log = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        let _logs = tracing::subscriber::set_default(subscriber);
        let mut message = OwnedMessage::new("orders", 3, 7);
        message.key = Some(b"hunter2".to_vec().into());
        message.payload = Some(b"hunter3".to_vec().into());
        message.headers.push(("token".into(), Some(b"hunter4".to_vec().into())));
        let facts = ContextFacts { attempt: 2, ..ContextFacts::default() };
        let (context, _recorder) = context(message, facts);
        let (layers, end) = ([], Ends(end));
        drop(LogOutcomes.handle(&context, Next::through(&layers, &end, &context)).await);
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[tokio::test]
    async fn every_outcome_is_one_line_with_where_and_how_long_and_nothing_of_the_message() {
        let outcomes: [(Ending, &[&str]); 5] = [
            (|| Ok(Passed::Handled), &["DEBUG", ": handled "]),
            (|| skip("not ours"), &["DEBUG", "skipped by a layer", "reason=\"not ours\""]),
            (|| Ok(Passed::HandledBefore), &["DEBUG", "handled before"]),
            (|| Err(Error::new("no luck").into()), &["WARN", "not handled", "error=no luck", "terminal=false"]),
            (|| Err(Error::terminal("refused").into()), &["WARN", "not handled", "error=refused", "terminal=true"]),
        ];
        for (end, parts) in outcomes {
            let line = logged(end).await;
            assert_eq!(line.lines().count(), 1, "{line}");
            let facts = ["listener=\"Test.listener\"", "topic=\"orders\"", "partition=3", "offset=7", "attempt=2"];
            for part in parts.iter().chain(&facts).chain(&["duration="]) {
                assert!(line.contains(part), "`{part}` is not in: {line}");
            }
            assert!(!line.contains("hunter"), "{line}");
        }
    }
}
