//! Opens an assigned partition: its feed and its lanes.

use super::Subscription;
use super::assign::Assigning;
use super::slot::Slot;
use crate::engine::answering::Answering;
use crate::engine::committer::Key;
use crate::engine::driver::Driver;
use crate::engine::failing::guard::Guard;
use crate::engine::feed::{self, Feed};
use crate::engine::lane::{Lane, LaneFacts, Port};
use crate::engine::window::Window;
use crate::plan::OrderBy;
use millstream_native::{Code, NativeError};
use std::sync::Arc;

/// How many messages a lane takes at once where the listener's handlers are limited in number.
const LIMITED_BATCH: usize = 8;

impl Subscription {
    /// Splits the partition's queue off and makes its drivers, one for each listener of the topic.
    pub(super) fn open_slot(
        &mut self,
        key: &Key,
        offset: i64,
        assigning: &Assigning,
    ) -> Result<(Slot, Vec<Driver>), NativeError> {
        let Some(client) = self.client.clone() else {
            return Err(NativeError::new(Code::STATE, "there is no client"));
        };
        let metadata = assigning.known.get(key).map(|known| &known.metadata);
        let listeners: Vec<_> = self.listeners_of(&key.0);
        let windows =
            listeners.iter().filter_map(|index| self.listeners.get(*index)).map(|listening| listening.plan.window);
        let window = windows.min().unwrap_or(1).max(1) as usize;
        // A lane keeps its permit for a batch: with a limit, the others must not wait for long.
        let limited = listeners
            .iter()
            .filter_map(|index| self.listeners.get(*index))
            .any(|listening| listening.limit.is_some() && listening.plan.order_by == OrderBy::Partition);
        let batch = if limited { LIMITED_BATCH } else { feed::BATCH };
        let plans = || listeners.iter().filter_map(|index| self.listeners.get(*index)).map(|listening| &listening.plan);
        let max_crashes =
            plans().map(|plan| plan.failure.max_crashes).filter(|crashes| *crashes > 0).min().unwrap_or(0);
        let found = metadata.and_then(|metadata| metadata.crash.clone());
        let guarded = u32::try_from(window).unwrap_or(u32::MAX);
        let guard = Guard::at_assignment(found, offset, guarded, max_crashes).map(Arc::new);
        let is_guarded = guard.as_ref().is_some_and(|guard| guard.is_active());
        if is_guarded {
            tracing::error!(
                group = %self.plan.group_id, topic = %key.0, partition = key.1, position = offset, messages = guarded,
                "the process died again and again with this partition in hand: its next messages are handled one at a time, to find which one it is"
            );
        }
        let starts: Vec<i64> = listeners.iter().map(|_| offset).collect();
        let feed = Arc::new(Feed::open(&client, (&key.0, key.1), &starts, window, (batch, self.batch_bytes))?);
        self.next_slot += 1;
        let slot = Slot::new(self.next_slot, key.clone(), Arc::clone(&feed));
        let mut drivers = Vec::with_capacity(listeners.len());
        for (reader, index) in listeners.into_iter().enumerate() {
            let Some(listening) = self.listeners.get(index) else { continue };
            let Some(listener) = listening.plan.handler.clone() else { continue };
            let facts = LaneFacts {
                cluster: Arc::clone(&self.plan.cluster),
                group_id: Arc::clone(&self.plan.group_id),
                listener: Arc::clone(&listening.plan.id),
                topic: Arc::clone(&key.0),
                partition: key.1,
                attributes: Arc::clone(&self.attributes),
            };
            let ahead = metadata.and_then(|metadata| metadata.ahead_of(&listening.plan.id));
            let port = Port::Live(self.port.clone());
            let place = offset.saturating_add(ahead.map_or(0, |ahead| ahead.by));
            let stage = self.retry_topics.stage_of(&key.0, index).cloned();
            // Where one message at a time is looked at, the order is the partition's.
            let in_order = listening.plan.order_by == OrderBy::Partition || stage.is_some() || is_guarded;
            let mut lane = if in_order {
                Lane::new(facts, port)
            } else {
                let finished = metadata.and_then(|metadata| metadata.finished_by(&listening.plan.id, place));
                let window = Window::new(place, !listening.plan.auto_commit, finished);
                Lane::wide(facts, port, window, Arc::clone(&self.signals.budget))
            };
            lane.stage = stage;
            lane.guard.clone_from(&guard);
            let answer = listening.plan.answer.clone();
            lane.answering = answer.map(|plan| Answering::new(plan, self.signals.unasked(&listening.plan.id)));
            let lane = Arc::new(lane);
            lane.frontier.jump(place);
            // What is sent before anything was handled says the same again.
            if let Some(epoch) = ahead.and_then(|ahead| ahead.leader_epoch) {
                lane.frontier.enter(epoch);
            }
            drivers.push(Driver {
                lane,
                feed: Arc::clone(&feed),
                reader,
                plan: Arc::clone(&listening.plan),
                listener,
                start: offset,
                ahead,
                opened: slot.opened(),
                turn: self.turns.of(&listening.plan.id, key),
                limit: listening.limit.clone(),
                gathering: listening.gathering.clone(),
                signals: Arc::clone(&self.signals),
                again: false,
            });
        }
        Ok((slot, drivers))
    }

    /// Starts the drivers; they begin when the broker holds the start.
    pub(super) fn start_slot(&mut self, mut slot: Slot, drivers: Vec<Driver>, assigning: &Assigning) {
        let key = slot.key.clone();
        let lanes: Vec<_> = drivers.iter().map(|driver| Arc::clone(&driver.lane)).collect();
        let known = assigning.known.get(&key).and_then(|known| known.position);
        let held = known.map(|offset| (offset, assigning.held.get(&key).cloned().unwrap_or_default()));
        let baseline = assigning.baselines.get(&key.0).copied().unwrap_or(0);
        self.committer.add(key.clone(), lanes, baseline, held);
        if !self.committer.is_opening(&key) {
            slot.open();
        }
        for driver in drivers {
            self.signals.add_lane(&driver.lane);
            slot.start(driver, &self.runtime, &self.port);
        }
        self.slots.insert(key, slot);
    }
}
