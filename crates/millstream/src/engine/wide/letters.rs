//! How a message that failed for good gets from a desk to another topic.

use super::desk::Desk;
use super::item::Item;
use crate::engine::failing::deliver::{Delivered, deliver, say_trouble, say_written};
use crate::engine::failing::letter::{Destination, Letter, Reason, kind, now};
use crate::engine::failing::{dead_letter, retry_topics};
use crate::engine::policy::Step;
use crate::engine::window::Ended;
use crate::listener::Failure;
use crate::plan::OnFailure;
use std::collections::BTreeMap;
use std::fmt;
use tokio_util::sync::CancellationToken;

/// The letters that are being written, by the offset of their message; cancelled when somebody asks for something else.
#[derive(Default)]
pub(super) struct Letters(BTreeMap<i64, CancellationToken>);

impl Letters {
    fn begin(&mut self, offset: i64) -> CancellationToken {
        let token = CancellationToken::new();
        self.0.insert(offset, token.clone());
        token
    }

    /// Stops the one of this message, if there is one.
    pub(super) fn stop(&mut self, offset: i64) -> bool {
        self.0.remove(&offset).inspect(CancellationToken::cancel).is_some()
    }

    /// Stops all.
    pub(super) fn stop_all(&mut self) {
        std::mem::take(&mut self.0).values().for_each(CancellationToken::cancel);
    }
}

impl Desk {
    /// Where a step sends a message, if it does.
    pub(super) fn destination(&self, step: Step) -> Option<Destination> {
        let plan = &self.plan.failure;
        match step {
            Step::RetryTopic { stage } => retry_topics::destination(&self.lane, &plan.retry_topics, stage),
            Step::Last(OnFailure::DeadLetter) => Some(dead_letter::destination(&self.lane, &plan.dead_letter)),
            _ => None,
        }
    }

    /// Writes a message to another topic and settles it once it stands there; its key waits, others go on. What waited
    /// for it comes next.
    pub(super) async fn write(&self, mut item: Item, destination: Destination, failure: &Failure) -> Option<Item> {
        let (lane, signals) = (&self.lane, &self.signals);
        item.detach(&lane.topic);
        let offset = item.offset;
        let message = item.held.to_owned_message(&lane.topic)?;
        let last = now();
        let elapsed = item.since.map_or(0, |since| i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX));
        let reason = Reason {
            kind: kind(failure),
            error: failure.to_string(),
            attempts: item.attempt,
            first: last.saturating_sub(elapsed),
            last,
        };
        let letter = Letter::new(lane, destination, message, reason);
        let stop = self.with_letters(|letters| letters.begin(offset));
        if lane.requests().stopping() {
            // The driver may have stopped all letters before this one began.
            stop.cancel();
        }
        let trouble = |error: &dyn fmt::Display| say_trouble(&letter, lane, signals, error);
        let delivered = deliver(&letter, lane, signals, stop.cancelled(), trouble).await;
        self.with_letters(|letters| letters.stop(offset));
        let skip = self.take_skip(offset);
        if !self.counts(&item) {
            return None;
        }
        match (delivered, skip) {
            (Delivered::Written(delivery), _) => {
                say_written(&letter, lane, signals, &delivery);
                self.show_again();
                let next = self.ended(&item, Ended::Settled);
                lane.commit_soon();
                next
            }
            (Delivered::Interrupted | Delivered::Refused(_), Some(reason)) => {
                self.settle_unhandled(offset, reason);
                self.show_again();
                let next = self.ended(&item, Ended::Settled);
                lane.commit_soon();
                next
            }
            // It stops: the message comes again elsewhere.
            (Delivered::Interrupted, None) => None,
            (Delivered::Refused(error), None) => {
                let to = letter.destination.topic();
                let reason = format!("{failure}; and it cannot be written to {to}: {error}");
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempts = item.attempt, error = reason,
                    "failed for good: it waits until it is resumed or skipped, and others that must follow it wait too"
                );
                self.park(item, reason);
                None
            }
        }
    }
}
