//! Gives partitions back: stops their lanes, waits for the handlers up to a bound, commits what settled,
//! answers.

use super::{Rebalance, Subscription};
use crate::engine::committer::Key;
use crate::events::Event as Happened;
use millstream_native::{RebalanceProtocol, TopicPartition};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the last send may take: behind a join it may wait for the whole group.
const LAST_SEND: Duration = Duration::from_secs(3);

/// A revocation that is being answered.
pub(super) struct Revoking {
    keys: Vec<Key>,
    step: Step,
}

enum Step {
    /// Handlers are running.
    Draining(Instant),
    /// The positions are on their way.
    Committing(Instant),
}

impl Revoking {
    pub(super) fn deadline(&self) -> Instant {
        match self.step {
            Step::Draining(deadline) | Step::Committing(deadline) => deadline,
        }
    }

    pub(super) fn concerns(&self, topic: &str, partition: i32) -> bool {
        self.keys.iter().any(|key| *key.0 == *topic && key.1 == partition)
    }
}

impl Subscription {
    /// The group takes partitions from us.
    pub(super) fn revoke(&mut self, partitions: Vec<TopicPartition>, lost: bool, now: Instant) {
        let keys: Vec<Key> = partitions.into_iter().map(|at| (at.topic, at.partition)).collect();
        tracing::info!(group = %self.plan.group_id, partitions = keys.len(), lost, "revoked");
        for key in &keys {
            if let Some(slot) = self.slots.get(key) {
                slot.stop();
            }
            // A handler that awaits a commit would hold the drain up.
            self.committer.release(key);
        }
        if lost {
            self.finish_revocation(&keys, true);
        } else {
            let deadline = now + self.plan.revoke_timeout;
            self.rebalance = Rebalance::Revoking(Revoking { keys, step: Step::Draining(deadline) });
            self.advance_rebalance(now);
        }
    }

    pub(super) fn advance_revocation(&mut self, mut revoking: Revoking, now: Instant) {
        if self.client.as_ref().is_some_and(millstream_native::Client::assignment_lost) {
            return self.finish_revocation(&revoking.keys, true);
        }
        if let Step::Draining(deadline) = revoking.step {
            let slots = || revoking.keys.iter().filter_map(|key| self.slots.get(key));
            let drained = slots().all(super::slot::Slot::all_ended);
            if !drained && now < deadline {
                self.rebalance = Rebalance::Revoking(revoking);
                return;
            }
            for lane in slots().flat_map(super::slot::Slot::running) {
                tracing::warn!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition,
                    "the partition is given back while its handler is still running: its message is handled again elsewhere"
                );
            }
            slots().for_each(super::slot::Slot::fence);
            self.committer.clear_marks(revoking.keys.iter());
            revoking.step = Step::Committing(now + LAST_SEND);
        }
        self.send_positions(now);
        let sent = !self.committer.is_busy() && !self.committer.is_behind(revoking.keys.iter());
        if sent || now >= revoking.deadline() {
            return self.finish_revocation(&revoking.keys, false);
        }
        self.rebalance = Rebalance::Revoking(revoking);
    }

    /// Lets go of the partitions and tells librdkafka so.
    fn finish_revocation(&mut self, keys: &[Key], lost: bool) {
        self.rebalance = Rebalance::None;
        for key in keys {
            self.let_go(key);
        }
        if let Some(client) = &self.client {
            let answered = match client.protocol() {
                RebalanceProtocol::Cooperative => {
                    let partitions: Vec<_> =
                        keys.iter().map(|key| TopicPartition::new(Arc::clone(&key.0), key.1)).collect();
                    client.incremental_unassign(&partitions)
                }
                _ => client.unassign(),
            };
            if let Err(error) = answered {
                tracing::error!(group = %self.plan.group_id, %error, "the revocation could not be answered");
            }
        }
        self.signals.event(Happened::Revoked {
            group_id: Arc::clone(&self.plan.group_id),
            partitions: keys.to_vec(),
            lost,
        });
        self.tell_ready();
    }

    /// A partition is no longer ours.
    pub(super) fn let_go(&mut self, key: &Key) {
        self.committer.remove(key);
        if let Some(slot) = self.slots.remove(key) {
            slot.stop();
            slot.fence();
            slot.feed.close();
            for lane in slot.lanes() {
                self.signals.remove_lane(lane);
            }
            if !slot.all_ended() {
                self.leaving.push(slot);
            }
        }
    }

    /// Answers a rebalance that failed: nothing is ours.
    pub(super) fn give_everything_up(&mut self, _now: Instant) {
        self.rebalance = Rebalance::None;
        let keys: Vec<Key> = self.slots.keys().cloned().collect();
        for key in &keys {
            self.let_go(key);
        }
        if let Some(Err(error)) = self.client.as_ref().map(millstream_native::Client::unassign) {
            tracing::error!(group = %self.plan.group_id, %error, "the assignment could not be given up");
        }
    }

    /// A driver has ended, asked or not.
    pub(crate) fn driver_ended(&mut self, id: u64, reader: usize, panicked: bool) {
        if let Some(slot) = self.leaving.iter_mut().find(|slot| slot.id == id) {
            slot.ended(reader);
            self.leaving.retain(|slot| !slot.all_ended());
            return;
        }
        let Some(slot) = self.slots.values_mut().find(|slot| slot.id == id) else { return };
        if let Some(lane) = slot.ended(reader).cloned() {
            let reason = if panicked { "the driver panicked" } else { "the driver ended" };
            self.restart_driver(&lane, id, reader, reason);
        }
    }
}
