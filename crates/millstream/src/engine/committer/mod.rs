//! The one committer of a subscription: it alone decides what positions are sent, when, and whom the
//! answers concern. It does no I/O: the control thread sends what it asks for and tells it the answers.

mod slot;

pub(crate) use slot::Sent;

use super::lane::{Lane, Ticket};
use super::refusal::{is_final, matters_to_all};
use crate::context::{CommitAnswer, CommitError};
use millstream_native::Code;
use slot::{Slot, Waiter};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Topic and partition.
pub(crate) type Key = (Arc<str>, i32);

struct InFlight {
    request: u64,
    sent: Vec<Sent>,
}

/// What the control thread must do about an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The resolved start of a partition is held by the broker: its lanes may begin.
    Opened(Key),
    /// The broker refused a position for good.
    Refused(Key, String),
}

/// The answer for one partition.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) key: Key,
    pub(crate) error: Option<Code>,
}

/// See the module.
pub(crate) struct Committer {
    interval: Duration,
    slots: BTreeMap<Key, Slot>,
    waiters: Vec<Waiter>,
    in_flight: Option<InFlight>,
    /// After a list was refused: partitions to be sent one by one.
    singly: VecDeque<Key>,
    requests: u64,
    assignments: u64,
    wanted: bool,
    last: Instant,
    not_before: Option<Instant>,
    failures: u32,
}

impl Committer {
    pub(crate) fn new(interval: Duration, now: Instant) -> Self {
        Self {
            interval,
            slots: BTreeMap::new(),
            waiters: Vec::new(),
            in_flight: None,
            singly: VecDeque::new(),
            requests: 0,
            assignments: 0,
            wanted: false,
            last: now,
            not_before: None,
            failures: 0,
        }
    }

    /// A partition was assigned. `held` is the position and metadata that the broker holds; without one, and where deaths
    /// of the process are counted, the lanes' position is sent at once, and [`Effect::Opened`] says when it is held.
    pub(crate) fn add(&mut self, key: Key, lanes: Vec<Arc<Lane>>, partitions: i32, held: Option<(i64, String)>) {
        self.assignments += 1;
        let assignment = self.assignments;
        let acknowledged = held.map(|(offset, metadata)| Sent {
            assignment,
            key: key.clone(),
            offset,
            leader_epoch: None,
            metadata,
            lanes: lanes.iter().map(|lane| (0, lane.frontier.offset().unwrap_or(offset))).collect(),
        });
        let guard = lanes.iter().find_map(|lane| lane.guard.clone());
        let opening = acknowledged.is_none() || guard.is_some();
        let (refused, bare) = (None, false);
        let mut slot = Slot { assignment, lanes, guard, partitions, acknowledged, opening, refused, bare };
        // A partition that comes back after it was lost may still have our mark: then there is nothing to wait for.
        slot.opening &= slot.acknowledged.is_none() || slot.changed(&key).is_some();
        self.wanted |= slot.opening;
        self.slots.insert(key, slot);
    }

    /// Whether nothing of a partition may be delivered before [`Effect::Opened`].
    pub(crate) fn is_opening(&self, key: &Key) -> bool {
        self.slots.get(key).is_some_and(|slot| slot.opening)
    }

    /// Partitions are about to be given back in peace: the next send takes the marks of this process away.
    pub(crate) fn clear_marks<'a>(&mut self, keys: impl Iterator<Item = &'a Key>) {
        for guard in keys.filter_map(|key| self.slots.get(key)?.guard.as_ref()) {
            guard.clear();
        }
        self.wanted = true;
    }

    /// A partition is no longer ours: nothing of it is sent any more.
    pub(crate) fn remove(&mut self, key: &Key) {
        self.slots.remove(key);
        self.singly.retain(|other| other != key);
        self.release(key);
    }

    /// A revoke begins: whoever waits for an answer about this partition is told so, as its handler must end.
    pub(crate) fn release(&mut self, key: &Key) {
        let (gone, kept) = std::mem::take(&mut self.waiters)
            .into_iter()
            .partition(|waiter: &Waiter| *waiter.lane.topic == *key.0 && waiter.lane.partition == key.1);
        self.waiters = kept;
        for waiter in gone {
            drop(waiter.sender.send(Err(CommitError::revoked())));
        }
    }

    /// A handler asked for a send now rather than at the interval.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// A handler awaits the answer to its verb with this ticket.
    pub(crate) fn await_answer(&mut self, lane: Arc<Lane>, ticket: Ticket, sender: oneshot::Sender<CommitAnswer>) {
        let waiter = Waiter { lane, ticket, sender };
        let key = (Arc::clone(&waiter.lane.topic), waiter.lane.partition);
        match self.slots.get(&key) {
            Some(slot) if !waiter.lane.is_revoked() && slot.index(&waiter.lane).is_some() => {
                if let Some(waiter) = slot.resolve(&key, waiter, false) {
                    self.waiters.push(waiter);
                    self.wanted = true;
                }
            }
            _ => drop(waiter.sender.send(Err(CommitError::revoked()))),
        }
    }

    /// What to send now, if anything, and under which number; at most one request is under way.
    pub(crate) fn request(&mut self, now: Instant) -> Option<(u64, Vec<Sent>)> {
        if self.in_flight.is_some() || self.not_before.is_some_and(|at| now < at) {
            return None;
        }
        let due = self.wanted || now.duration_since(self.last) >= self.interval;
        let sent = if let Some(key) = self.next_single() {
            self.slots.get(&key).and_then(|slot| slot.changed(&key)).into_iter().collect()
        } else if due {
            self.wanted = false;
            self.last = now;
            let sent = self.changed();
            // Where nothing changed the broker holds whatever is waited for.
            self.resolve_all(|key| !sent.iter().any(|sent| sent.key == *key));
            sent
        } else {
            return None;
        };
        if sent.is_empty() {
            return None;
        }
        self.requests += 1;
        self.in_flight = Some(InFlight { request: self.requests, sent: sent.clone() });
        Some((self.requests, sent))
    }

    /// When [`request`](Self::request) wants to be asked again.
    pub(crate) fn next_turn(&self) -> Instant {
        let due = if self.wanted || !self.singly.is_empty() { self.last } else { self.last + self.interval };
        self.not_before.map_or(due, |at| at.max(due))
    }

    /// Whether a request is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Whether any of these partitions has settled more than the broker holds.
    pub(crate) fn is_behind<'a>(&self, mut keys: impl Iterator<Item = &'a Key>) -> bool {
        keys.any(|key| self.slots.get(key).is_some_and(|slot| slot.changed(key).is_some()))
    }

    /// The broker's answer to a request, or the reason why it could not even be sent.
    pub(crate) fn answered(
        &mut self,
        request: u64,
        error: Option<Code>,
        answers: &[Answered],
        now: Instant,
    ) -> Vec<Effect> {
        let Some(in_flight) = self.in_flight.take_if(|in_flight| in_flight.request == request) else {
            return Vec::new();
        };
        let failed = |sent: &Sent| {
            let own = answers.iter().find(|answer| answer.key == sent.key).and_then(|answer| answer.error);
            own.or(error)
        };
        let errors: Vec<Option<Code>> = in_flight.sent.iter().map(failed).collect();
        if errors.iter().all(Option::is_none) {
            self.failures = 0;
            self.not_before = None;
            return in_flight.sent.into_iter().filter_map(|sent| self.acknowledge(sent)).collect();
        }
        // librdkafka reports one error for all partitions of a list, though the broker stored some: asking
        // again one by one tells which.
        if in_flight.sent.len() > 1 && errors.iter().flatten().any(|code| !matters_to_all(*code)) {
            self.singly = in_flight.sent.into_iter().map(|sent| sent.key).collect();
            return Vec::new();
        }
        let mut effects = Vec::new();
        let mut again = false;
        for (sent, error) in in_flight.sent.into_iter().zip(errors) {
            match error {
                None => effects.extend(self.acknowledge(sent)),
                Some(code) if is_final(code) => {
                    effects.extend(self.opened_without_mark(&sent));
                    effects.extend(self.refused(sent, code));
                }
                Some(_) => again = true,
            }
        }
        if again {
            self.back_off(now);
        }
        effects
    }

    fn acknowledge(&mut self, sent: Sent) -> Option<Effect> {
        let key = sent.key.clone();
        let slot = self.slots.get_mut(&key).filter(|slot| slot.assignment == sent.assignment)?;
        slot.acknowledged = Some(sent);
        slot.refused = None;
        let opened = std::mem::take(&mut slot.opening);
        self.resolve_all(|_| false);
        opened.then_some(Effect::Opened(key))
    }

    /// The broker holds a position of the group already: it is only our mark that it does not take.
    fn opened_without_mark(&mut self, sent: &Sent) -> Option<Effect> {
        let slot = self.slots.get_mut(&sent.key).filter(|slot| slot.assignment == sent.assignment)?;
        let opened = slot.acknowledged.is_some() && std::mem::take(&mut slot.opening);
        opened.then(|| Effect::Opened(sent.key.clone()))
    }

    fn refused(&mut self, sent: Sent, code: Code) -> Option<Effect> {
        let slot = self.slots.get_mut(&sent.key).filter(|slot| slot.assignment == sent.assignment)?;
        if matches!(code, Code::OFFSET_METADATA_TOO_LARGE | Code::INVALID_COMMIT_OFFSET_SIZE) && !slot.bare {
            slot.bare = true;
            self.singly.push_back(sent.key);
            return None;
        }
        slot.refused = Some((sent.offset, sent.metadata.clone(), code));
        let lanes = slot.lanes.clone();
        let (told, kept) = std::mem::take(&mut self.waiters).into_iter().partition(|waiter: &Waiter| {
            lanes
                .iter()
                .zip(&sent.lanes)
                .any(|(lane, (changes, _))| Arc::ptr_eq(lane, &waiter.lane) && waiter.ticket.number <= *changes)
        });
        self.waiters = kept;
        for waiter in told {
            drop(waiter.sender.send(Err(CommitError::broker(code))));
        }
        Some(Effect::Refused(sent.key, code.to_string()))
    }

    /// Tries again after a while that grows from 50 ms to 2 s.
    fn back_off(&mut self, now: Instant) {
        let wait = Duration::from_millis(50 << self.failures.min(5)).min(Duration::from_secs(2));
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now + wait);
        self.wanted = true;
    }

    fn next_single(&mut self) -> Option<Key> {
        while let Some(key) = self.singly.pop_front() {
            if self.slots.get(&key).is_some_and(|slot| slot.changed(&key).is_some()) {
                return Some(key);
            }
        }
        None
    }

    fn changed(&self) -> Vec<Sent> {
        self.slots.iter().filter_map(|(key, slot)| slot.changed(key)).collect()
    }

    /// Answers whoever can be; `is_quiet` says for which partitions there is nothing to send.
    fn resolve_all(&mut self, is_quiet: impl Fn(&Key) -> bool) {
        for waiter in std::mem::take(&mut self.waiters) {
            let key = (Arc::clone(&waiter.lane.topic), waiter.lane.partition);
            match self.slots.get(&key) {
                Some(slot) => self.waiters.extend(slot.resolve(&key, waiter, is_quiet(&key))),
                None => drop(waiter.sender.send(Err(CommitError::revoked()))),
            }
        }
    }
}

#[cfg(test)]
mod tests;
