//! One assigned partition, as the committer knows it: what its lanes stand at, and what the broker holds.

use super::Key;
use crate::context::{Carried, CommitAnswer, CommitError, CommitReceipt};
use crate::engine::failing::guard::Guard;
use crate::engine::lane::{Lane, Ticket};
use crate::engine::metadata::{Ahead, FinishedBy, PositionMetadata, hash};
use millstream_native::Code;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What the committer knows of one assigned partition.
pub(super) struct Slot {
    /// Tells this assignment of the partition from an earlier one, whose answers may still come.
    pub(super) assignment: u64,
    pub(super) lanes: Vec<Arc<Lane>>,
    /// Marks the partition as held by this process.
    pub(super) guard: Option<Arc<Guard>>,
    /// How many partitions the topic had when the group first met it.
    pub(super) partitions: i32,
    /// What the broker holds, as far as it told us.
    pub(super) acknowledged: Option<Sent>,
    /// Nothing may be delivered before the broker holds the start, if it was resolved by us, and our mark.
    pub(super) opening: bool,
    /// What the broker refused for good; not sent again unchanged.
    pub(super) refused: Option<(i64, String, Code)>,
    /// The broker refused our metadata as too large.
    pub(super) bare: bool,
}

/// A position as it was sent, and what it says about each lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) key: Key,
    pub(crate) offset: i64,
    pub(crate) leader_epoch: Option<i32>,
    pub(crate) metadata: String,
    pub(super) assignment: u64,
    /// For each lane: how many of its verbs this carries, and its own position.
    pub(super) lanes: Vec<(u64, i64)>,
}

pub(super) struct Waiter {
    pub(super) lane: Arc<Lane>,
    pub(super) ticket: Ticket,
    pub(super) sender: oneshot::Sender<CommitAnswer>,
}

impl Slot {
    pub(super) fn index(&self, lane: &Arc<Lane>) -> Option<usize> {
        self.lanes.iter().position(|other| Arc::ptr_eq(other, lane))
    }

    /// What the lanes stand at now.
    fn snapshot(&self, key: &Key) -> Option<Sent> {
        let mut standing = Vec::with_capacity(self.lanes.len());
        let mut lanes = Vec::with_capacity(self.lanes.len());
        for lane in &self.lanes {
            // The verbs are counted before the position is read: the position carries at least those.
            let changes = lane.changes();
            let (position, finished) = lane.snapshot()?;
            lanes.push((changes, position.offset));
            standing.push((position, finished));
        }
        let lowest = standing.iter().map(|(position, _)| *position).min_by_key(|position| position.offset)?;
        let mut metadata = PositionMetadata { partitions: Some(self.partitions), ..PositionMetadata::default() };
        if !self.bare {
            metadata.crash = self.guard.as_ref().and_then(|guard| guard.mark(lowest.offset));
            let placed = || self.lanes.iter().zip(&standing);
            metadata.ahead = placed()
                .filter(|(_, (position, _))| position.offset > lowest.offset)
                .map(|(lane, (position, _))| Ahead {
                    listener: hash(&lane.listener),
                    by: position.offset - lowest.offset,
                    leader_epoch: position.leader_epoch,
                })
                .collect();
            let room = metadata.room_for_runs(standing.iter().filter(|(_, finished)| finished.is_some()).count());
            metadata.finished = placed()
                .filter_map(|(lane, (position, finished))| Some((lane, position, finished.as_ref()?)))
                .map(|(lane, position, finished)| FinishedBy {
                    listener: hash(&lane.listener),
                    leader_epoch: finished.leader_epoch,
                    runs: finished.write(position.offset, room),
                })
                .filter(|finished| !finished.runs.is_empty())
                .collect();
        }
        Some(Sent {
            assignment: self.assignment,
            key: key.clone(),
            offset: lowest.offset,
            leader_epoch: lowest.leader_epoch,
            metadata: metadata.write(),
            lanes,
        })
    }

    /// What the broker does not hold yet.
    pub(super) fn changed(&self, key: &Key) -> Option<Sent> {
        let sent = self.snapshot(key)?;
        let same = |offset: i64, metadata: &str| offset == sent.offset && metadata == sent.metadata;
        let held = self.acknowledged.as_ref().is_some_and(|held| same(held.offset, &held.metadata));
        let refused = self.refused.as_ref().is_some_and(|(offset, metadata, _)| same(*offset, metadata));
        (!held && !refused).then_some(sent)
    }

    /// Answers a waiter if the broker holds what it waits for, or has refused it for good. `quiet` says that there is
    /// nothing to send for this partition.
    pub(super) fn resolve(&self, key: &Key, waiter: Waiter, quiet: bool) -> Option<Waiter> {
        let refused = self.refused.as_ref().filter(|(offset, metadata, _)| {
            self.snapshot(key).is_some_and(|now| now.offset == *offset && now.metadata == *metadata)
        });
        if let Some((_, _, code)) = refused {
            drop(waiter.sender.send(Err(CommitError::broker(*code))));
            return None;
        }
        let Some(index) = self.index(&waiter.lane) else {
            drop(waiter.sender.send(Err(CommitError::revoked())));
            return None;
        };
        let Some(held) = &self.acknowledged else { return Some(waiter) };
        let Some((changes, position)) = held.lanes.get(index).copied() else { return Some(waiter) };
        // A verb that changed nothing needs no send: the broker holds that already.
        let in_order = waiter.ticket.message.is_none();
        let unchanged = quiet || (in_order && waiter.lane.frontier.offset() == Some(position));
        if changes < waiter.ticket.number && !unchanged {
            return Some(waiter);
        }
        let held_metadata = || PositionMetadata::read(&held.metadata);
        let ahead = || held_metadata().ahead_of(&waiter.lane.listener).is_some();
        let finished = |message| {
            held_metadata().finished_by(&waiter.lane.listener, position).is_some_and(|finished| finished.holds(message))
        };
        let carried = match waiter.ticket.message {
            // Beyond an earlier message that is not done.
            Some(message) if message >= position && finished(message) => Carried::Metadata,
            Some(message) if message > position => Carried::Memory,
            _ if position == held.offset => Carried::Position,
            _ if ahead() => Carried::Metadata,
            _ => Carried::Memory,
        };
        drop(waiter.sender.send(Ok(CommitReceipt { position: held.offset, carried })));
        None
    }
}
