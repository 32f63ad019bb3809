//! How the answer to a message of a desk gets to who asked for it.

use super::desk::Desk;
use super::item::{Handled, Item, Rest};
use crate::context::Context;
use crate::engine::answering::{Replied, reply, say_ended};
use crate::engine::failing::deliver::Trouble;
use crate::engine::lane::{Called, Lane};
use crate::engine::limit::Permit;
use crate::engine::window::Ended;
use crate::listener::Outcome;
use std::sync::Arc;

impl Handled {
    /// What is still to be sent for a message whose method has returned; nothing where that is no success.
    pub(super) fn read(lane: &Lane, context: &Context, outcome: &Outcome) -> Option<Box<Self>> {
        let called = context.verb().called();
        if outcome.is_err() || !context.verb().is_called() || matches!(called, Called::Rewind(_)) {
            return None;
        }
        let replies = lane.replies(context)?;
        // Whoever held a deferred message has settled it.
        let called = if called == Called::Defer { Called::Commit } else { called };
        Some(Box::new(Self { called, replies }))
    }
}

impl Desk {
    /// Sends what a message is answered with and ends it then; its key waits, others go on. What waited for it comes
    /// next.
    pub(super) async fn answer(
        &self,
        mut item: Item,
        mut handled: Box<Handled>,
        permit: Option<&Permit>,
    ) -> Option<Item> {
        let (lane, signals) = (&self.lane, &self.signals);
        let offset = item.offset;
        let stop = self.begin_letter(offset);
        let topic = Arc::clone(handled.replies.topic());
        // Others must not wait for its topic.
        let when_stuck = || permit.into_iter().for_each(Permit::release);
        let trouble = Trouble { lane, signals, offset, topic: &topic, what: "an answer", when_stuck: &when_stuck };
        let written = || self.show_written(offset);
        let replies = &mut handled.replies;
        let became = reply(replies, self.plan.timeout, || stop.cancelled(), written, &trouble).await;
        self.with_letters(|letters| letters.stop(offset));
        let skip = self.take_skip(offset);
        if !self.counts(&item) {
            return None;
        }
        self.show_written(offset);
        match (became, skip) {
            (Replied::Done(failure), _) => {
                if let Some(failure) = &failure {
                    say_ended(lane, signals, offset, handled.replies.topic(), failure);
                }
                let by_hand = !self.plan.auto_commit && handled.called == Called::Nothing && failure.is_none();
                self.ended(&item, if by_hand { Ended::Passed } else { Ended::Settled })
            }
            (Replied::Interrupted | Replied::Refused(_) | Replied::Failed(_), Some(reason)) => {
                self.settle_unhandled(offset, reason);
                let next = self.ended(&item, Ended::Settled);
                lane.commit_soon();
                next
            }
            (Replied::Failed(failure), None) => self.failed(item, handled.called, &failure, permit).await,
            // It stops: the message comes again elsewhere.
            (Replied::Interrupted, None) => None,
            (Replied::Refused(error), None) => {
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, error,
                    "the answer cannot be sent: it waits until it is resumed or skipped, and others that must follow it wait too"
                );
                item.rest = Some(Rest::Answer(handled));
                self.park(item, format!("its answer cannot be sent: {error}"));
                None
            }
        }
    }
}
