//! How a message that failed for good gets from a desk to another topic.

use super::desk::Desk;
use super::item::{Item, Rest};
use crate::engine::failing::deliver::{Delivered, Trouble, deliver, say_written};
use crate::engine::failing::destination::Route;
use crate::engine::failing::letter::{Letter, Reason, kind, now};
use crate::engine::limit::Permit;
use crate::engine::window::Ended;
use crate::listener::Failure;
use std::collections::BTreeMap;
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
    /// Notes that something is written to another topic for a message; what is returned is cancelled when somebody asks
    /// for something else.
    pub(super) fn begin_letter(&self, offset: i64) -> CancellationToken {
        let stop = self.with_letters(|letters| letters.begin(offset));
        if self.lane.requests().stopping() {
            // The driver may have stopped all letters before this one began.
            stop.cancel();
        }
        stop
    }

    /// A message on its way to another topic.
    pub(super) fn letter(&self, item: &mut Item, route: Route, failure: &Failure) -> Option<Box<Letter>> {
        let lane = &self.lane;
        item.detach(&lane.topic);
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
        Some(Box::new(Letter::new(lane, route, message, reason)))
    }

    /// Writes a message to another topic and settles it once it stands there; its key waits, others go on. What waited
    /// for it comes next.
    pub(super) async fn write(&self, mut item: Item, mut letter: Box<Letter>, permit: Option<&Permit>) -> Option<Item> {
        let (lane, signals) = (&self.lane, &self.signals);
        let offset = item.offset;
        let stop = self.begin_letter(offset);
        let (delivered, stops) = loop {
            let stops = letter.stops();
            let when_stuck = || {
                permit.into_iter().for_each(Permit::release);
                // Who stops because of it does not wait for a topic that cannot be written.
                if stops {
                    signals.stop_application(lane, offset, &letter.reason.error);
                }
            };
            let trouble = Trouble::with(&letter, lane, signals, &when_stuck);
            let delivered = deliver(&mut &*letter, stop.cancelled(), &trouble).await;
            let Delivered::Written(delivery) = &delivered else { break (delivered, stops) };
            say_written(&letter, lane, signals, delivery);
            if !letter.goes_on() {
                break (delivered, stops);
            }
        };
        self.with_letters(|letters| letters.stop(offset));
        let skip = self.take_skip(offset);
        if !self.counts(&item) {
            return None;
        }
        match (delivered, skip) {
            (Delivered::Written(_), _) => {
                self.show_again();
                let next = self.ended(&item, Ended::Settled);
                lane.commit_soon();
                if stops {
                    signals.stop_application(lane, offset, &letter.reason.error);
                }
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
                let reason = format!("{}; and it cannot be written to {to}: {error}", letter.reason.error);
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempts = item.attempt, error = reason,
                    "failed for good: it waits until it is resumed or skipped, and others that must follow it wait too"
                );
                if stops {
                    signals.stop_application(lane, offset, &letter.reason.error);
                }
                item.rest = Some(letter).filter(|letter| letter.is_final).map(Rest::Letter);
                self.park(item, reason);
                None
            }
        }
    }
}
