//! Calls a listener with a batch, within its time; a panic is an outcome like an error.

use super::verdict::{Then, Verbs, Verdict};
use crate::batch::{BatchContext, BatchOutcome, Returned};
use crate::engine::dispatch::{BoundListener, panic_message};
use crate::engine::lane;
use crate::engine::limit::Permit;
use crate::listener::Failure;
use futures_util::FutureExt;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// What became of a batch.
pub(crate) struct Called {
    /// What was handed over at last.
    pub(crate) batch: BatchContext,
    /// Everything in it that failed.
    pub(crate) returned: Returned,
    /// Only the first messages were handed over, as the one behind them does not decode.
    pub(crate) shortened: bool,
}

/// What became of a lane's messages in a batch.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) batch: Arc<BatchContext>,
    /// Which of its messages are the lane's.
    pub(crate) range: Range<usize>,
    pub(crate) verbs: Verbs,
    pub(crate) verdict: Verdict,
    /// See [`Called::shortened`].
    pub(crate) shortened: bool,
    /// Kept until the messages have ended.
    pub(crate) permit: Option<Arc<Permit>>,
}

impl Handed {
    /// Waits until the messages that the listener left to others are settled. The first that is not has failed, and what
    /// comes again anyway is not waited for.
    pub(crate) async fn wait_for_others(&mut self) {
        let (batch, start) = (Arc::clone(&self.batch), self.range.start);
        let passed = start..start + self.verdict.passed;
        for (index, message, called) in batch.called().filter(|(index, _, _)| passed.contains(index)) {
            if called != lane::Called::Defer {
                continue;
            }
            let within = index - start;
            match message.deferred().await {
                Ok(()) => self.verbs.committed = self.verbs.committed.max(within + 1),
                Err(failure) => {
                    let reported = self.verdict.reported.take();
                    self.verdict = Verdict { passed: within, reported, then: Then::Failed(*failure) };
                    return;
                }
            }
        }
    }
}

/// The verbs that were called for these messages, which are of one lane. A rewind counts if nothing was called after it:
/// the position still stands there.
pub(crate) fn verbs_of(batch: &BatchContext, range: &Range<usize>) -> Verbs {
    let position = batch.locate(range.start).and_then(|(part, _)| part.lane.frontier.offset());
    let mut verbs = Verbs { committed: batch.committed().min(range.end).saturating_sub(range.start), rewind: None };
    for (index, _, called) in batch.called().filter(|(index, _, _)| range.contains(index)) {
        let within = index - range.start;
        match called {
            lane::Called::Commit => verbs.committed = verbs.committed.max(within + 1),
            lane::Called::Rewind(to) if position == Some(to) => verbs.rewind = Some((within, to)),
            lane::Called::Rewind(_) | lane::Called::Defer | lane::Called::Nothing => {}
        }
    }
    verbs
}

/// Hands a batch over that is settled in its order; where a message does not decode only those before it. One that
/// stands first and does not decode has failed without a call.
pub(crate) async fn call_in_order(
    listener: &dyn BoundListener,
    mut batch: BatchContext,
    timeout: Option<Duration>,
) -> Called {
    let mut shortened = false;
    loop {
        let returned = call(listener, &batch, timeout).await.into_returned(batch.len());
        let first = match &returned {
            Returned::Undecoded(failures) => failures.first().map(|(index, _)| *index),
            _ => None,
        };
        match first.filter(|first| *first > 0) {
            Some(first) => {
                batch = batch.shortened(first);
                shortened = true;
            }
            None => return Called { batch, returned, shortened },
        }
    }
}

/// Hands a batch over once.
pub(crate) async fn call(
    listener: &dyn BoundListener,
    batch: &BatchContext,
    timeout: Option<Duration>,
) -> BatchOutcome {
    // What a handler leaves behind when it panics is its consumer, which is shared and must bear that anyway.
    let call = AssertUnwindSafe(async { listener.take(batch).await }).catch_unwind();
    let ended = match timeout {
        None => call.await,
        Some(timeout) => match tokio::time::timeout(timeout, call).await {
            Ok(ended) => ended,
            Err(_) => return BatchOutcome::unnamed(Failure::Timeout(timeout)),
        },
    };
    ended.unwrap_or_else(|panic| BatchOutcome::unnamed(Failure::Panic(panic_message(&*panic))))
}
