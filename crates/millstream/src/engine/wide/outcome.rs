//! What becomes of a message after its handler has returned.

use super::desk::Desk;
use super::item::{Item, Rest};
use crate::engine::failing::destination::Route;
use crate::engine::lane::Called;
use crate::engine::limit::Permit;
use crate::engine::policy::{Handling, Step, decide, returned};
use crate::engine::window::Ended;
use crate::listener::{Failure, Outcome};
use crate::plan::OnFailure;
use tokio::time::Instant;

impl Desk {
    /// Does what the failure policy says; what waited for the message comes next, if it has ended. The permit is given
    /// back where the message must wait for another topic.
    pub(super) async fn finish(
        &self,
        mut item: Item,
        called: Called,
        outcome: Outcome,
        permit: Option<&Permit>,
    ) -> Option<Item> {
        match item.rest.take() {
            Some(Rest::Answer(handled)) => return self.answer(item, handled, permit).await,
            Some(Rest::Letter(letter)) => return self.write(item, letter, permit).await,
            None => {}
        }
        match (outcome, called) {
            (Err(failure), _) if matches!(*failure, Failure::Interrupted) => {
                self.put_back(item);
                None
            }
            (Ok(()), Called::Nothing) if !self.plan.auto_commit => self.ended(&item, Ended::Passed),
            (Ok(()), Called::Nothing | Called::Commit | Called::Defer) => self.ended(&item, Ended::Settled),
            (Ok(()), Called::Rewind(_)) => self.failed(item, called, &Failure::Rewind, permit).await,
            (Err(failure), _) => self.failed(item, called, &failure, permit).await,
        }
    }

    pub(super) async fn failed(
        &self,
        mut item: Item,
        called: Called,
        failure: &Failure,
        permit: Option<&Permit>,
    ) -> Option<Item> {
        let lane = &self.lane;
        if !self.counts(&item) {
            return None;
        }
        let offset = item.offset;
        let owed = lane.owed(item.held.headers(), item.held.key());
        let handling = Handling {
            offset,
            called,
            returned: returned(failure, &self.plan.failure.classification),
            attempt: item.attempt,
            auto_commit: self.plan.auto_commit,
            stage: None,
            elapsed: item.since.map_or(std::time::Duration::ZERO, |since| since.elapsed()),
            alone: true,
            owed: owed.is_some(),
        };
        item.since.get_or_insert_with(Instant::now);
        let step = decide(handling, &self.plan.failure, fastrand::f64());
        if let Some(route) = Route::of(step, lane, &self.plan.failure, owed) {
            let letter = self.letter(&mut item, route, failure)?;
            return self.write(item, letter, permit).await;
        }
        match step {
            Step::Settle => self.ended(&item, Ended::Settled),
            Step::SettleAndReport => {
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    error = %failure, "failed after it had committed the message: not tried again"
                );
                self.ended(&item, Ended::Settled)
            }
            Step::ReadOn => self.ended(&item, Ended::Passed),
            Step::Retry { after, .. } => {
                tracing::warn!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempt = item.attempt, error = %failure, wait = ?after, "failed, trying again"
                );
                item.attempt = item.attempt.saturating_add(1);
                self.retry(item, Instant::now() + after, failure.to_string());
                None
            }
            Step::Last(OnFailure::Pause | OnFailure::DeadLetter)
            | Step::RetryTopic { .. }
            | Step::Answer(_)
            | Step::ReportAndAnswer => {
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempts = item.attempt, error = %failure,
                    "failed for good: it waits until it is resumed or skipped, and others that must follow it wait too"
                );
                self.park(item, failure.to_string());
                None
            }
            Step::Last(OnFailure::Skip) => {
                self.settle_unhandled(offset, failure.to_string());
                self.ended(&item, Ended::Settled)
            }
            Step::Last(OnFailure::Stop) => {
                self.park(item, failure.to_string());
                self.signals.stop_application(lane, offset, &failure.to_string());
                None
            }
        }
    }
}
