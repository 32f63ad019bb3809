//! A batch of several partitions: their lanes join with what they have, and a task of its own hands it over.
//!
//! The task belongs to no lane, so that a lane that goes away takes nothing with it: what it had not handed over leaves
//! the batch, and what was handed over is waited for by the lanes that are still there.

use super::across::decide_across;
use super::call::{Handed, call_in_order, verbs_of};
use super::collector::{Collected, Collector, Decision};
use crate::batch::{BatchContext, Messages};
use crate::engine::dispatch::BoundListener;
use crate::engine::limit::{Limit, Permit};
use crate::plan::{BatchPlan, ListenerPlan, OrderBy};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// Where the lanes of a listener with `across_partitions` meet.
#[derive(Debug)]
pub(crate) struct Gathering {
    plan: BatchPlan,
    timeout: Option<Duration>,
    listener: Arc<dyn BoundListener>,
    limit: Option<Arc<Limit>>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// In the order in which they joined.
    offers: VecDeque<Offer>,
    collector: Collector,
    /// A task looks after them.
    served: bool,
    next: u64,
}

/// The messages that a lane has joined with.
#[derive(Debug)]
struct Offer {
    number: u64,
    batch: BatchContext,
    bytes: u64,
    answer: oneshot::Sender<Handed>,
}

/// A lane's place among those that wait for a batch; dropping it takes its messages out, unless they are handed over
/// already.
#[derive(Debug)]
pub(crate) struct Place {
    gathering: Arc<Gathering>,
    number: u64,
    answer: oneshot::Receiver<Handed>,
}

/// What is handed over at once.
struct Taken {
    batch: BatchContext,
    /// Which of its messages each lane has.
    lanes: Vec<(Range<usize>, oneshot::Sender<Handed>)>,
}

impl Gathering {
    /// `None` for a listener whose partitions have batches of their own.
    pub(crate) fn of(plan: &ListenerPlan, limit: Option<&Arc<Limit>>) -> Option<Arc<Self>> {
        let batch = plan.batch.as_ref().filter(|batch| batch.across_partitions)?;
        let listener = plan.handler.clone().filter(|_| plan.order_by == OrderBy::Partition)?;
        Some(Arc::new(Self::new(batch.clone(), plan.timeout, listener, limit.cloned())))
    }

    fn new(
        plan: BatchPlan,
        timeout: Option<Duration>,
        listener: Arc<dyn BoundListener>,
        limit: Option<Arc<Limit>>,
    ) -> Self {
        Self { plan, timeout, listener, limit, state: Mutex::default(), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins with messages of one lane, which must not join again before it has left or has its answer; in a hurry, what
    /// is there does not wait for more.
    pub(crate) fn join(self: &Arc<Self>, batch: BatchContext, hurry: bool) -> Place {
        let (sender, answer) = oneshot::channel();
        let bytes = sizes(&batch).sum();
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.offers.push_back(Offer { number, batch, bytes, answer: sender });
        if hurry {
            state.collector.hurry();
        }
        let served = std::mem::replace(&mut state.served, true);
        drop(state);
        if served {
            self.changed.notify_one();
        } else {
            tokio::spawn(Arc::clone(self).serve());
        }
        Place { gathering: Arc::clone(self), number, answer }
    }

    /// Hands batches over until nobody waits for one.
    async fn serve(self: Arc<Self>) {
        while self.complete().await {
            let permit = match &self.limit {
                Some(limit) => Arc::clone(limit).acquire().await,
                None => None,
            };
            // Everybody may have left meanwhile, and more may have come.
            if let Some(taken) = self.take() {
                tokio::spawn(Arc::clone(&self).hand_over(taken, permit));
            }
        }
    }

    /// Waits until a batch is complete; false if there is nobody left.
    async fn complete(&self) -> bool {
        loop {
            let decision = {
                let mut state = self.state();
                let collected = state.collected();
                if collected.messages == 0 {
                    state.collector = Collector::default();
                    state.served = false;
                    return false;
                }
                state.collector.decide(&self.plan, collected, Instant::now())
            };
            match decision {
                Decision::HandOver | Decision::Look => return true,
                Decision::Until(at) => tokio::select! {
                    () = tokio::time::sleep_until(at) => {}
                    () = self.changed.notified() => {}
                },
            }
        }
    }

    /// As much as fits, in the order of joining. What is left of a lane's messages is not answered for: it joins again.
    fn take(&self) -> Option<Taken> {
        let mut state = self.state();
        let mut room = Room::of(&self.plan);
        let mut batches = Vec::new();
        let mut lanes = Vec::new();
        let mut start = 0;
        while let Some(offer) = state.offers.pop_front() {
            let count = room.take(sizes(&offer.batch));
            if count == 0 {
                state.offers.push_front(offer);
                break;
            }
            let whole = count == offer.batch.len();
            batches.push(if whole { offer.batch } else { offer.batch.shortened(count) });
            lanes.push((start..start + count, offer.answer));
            start += count;
            if !whole {
                break;
            }
        }
        state.collector.handed_over();
        (!lanes.is_empty()).then(|| Taken { batch: BatchContext::joined(batches), lanes })
    }

    /// Hands a batch over and answers each lane for its part. If no lane is left that waits for the answer, the handler
    /// is dropped where it is, as that of a single lane would be.
    async fn hand_over(self: Arc<Self>, taken: Taken, permit: Option<Permit>) {
        let Taken { batch, mut lanes } = taken;
        let Some(lane) = batch.parts().first().map(|part| Arc::clone(&part.lane)) else { return };
        let deserted = async {
            for (_, answer) in &mut lanes {
                answer.closed().await;
            }
        };
        let called = tokio::select! {
            called = lane.watch_polls(Box::pin(call_in_order(&*self.listener, batch, self.timeout))) => called,
            () = deserted => return,
        };
        let batch = Arc::new(called.batch);
        let permit = permit.map(Arc::new);
        let within = |range: &Range<usize>| range.start.min(batch.len())..range.end.min(batch.len());
        let shares: Vec<_> =
            lanes.iter().map(|(range, _)| within(range)).map(|range| (range.len(), verbs_of(&batch, &range))).collect();
        let verdicts = decide_across(&shares, called.returned);
        for (((range, answer), (_, verbs)), verdict) in lanes.into_iter().zip(shares).zip(verdicts) {
            let shortened = called.shortened && range.end > batch.len();
            let range = within(&range);
            let handed = Handed { batch: Arc::clone(&batch), range, verbs, verdict, shortened, permit: permit.clone() };
            // A lane that is gone has no use for it.
            drop(answer.send(handed));
        }
    }
}

impl State {
    fn collected(&self) -> Collected {
        let messages = self.offers.iter().map(|offer| offer.batch.len()).sum();
        let bytes = self.offers.iter().fold(0_u64, |bytes, offer| bytes.saturating_add(offer.bytes));
        Collected { messages, bytes, dry: true }
    }

    fn position(&self, number: u64) -> Option<usize> {
        self.offers.iter().position(|offer| offer.number == number)
    }
}

impl Place {
    /// Joins with these messages instead, in the same place; false if what was there is handed over already.
    pub(crate) fn extend(&self, batch: BatchContext) -> bool {
        let bytes = sizes(&batch).sum();
        let mut state = self.gathering.state();
        let Some(position) = state.position(self.number) else { return false };
        if let Some(offer) = state.offers.get_mut(position) {
            offer.batch = batch;
            offer.bytes = bytes;
        }
        drop(state);
        self.gathering.changed.notify_one();
        true
    }

    /// Takes the messages out again; false if they are handed over already.
    pub(crate) fn leave(&self) -> bool {
        let mut state = self.gathering.state();
        let left = state.position(self.number).and_then(|position| state.offers.remove(position)).is_some();
        drop(state);
        if left {
            self.gathering.changed.notify_one();
        }
        left
    }

    /// Waits for what became of the messages that were handed over; `None` if nobody hands them over, so that they are
    /// to join again. Cancel safe until it has answered, and asked only until then.
    pub(crate) async fn answer(&mut self) -> Option<Handed> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What a batch still takes.
struct Room {
    messages: usize,
    bytes: u64,
    empty: bool,
}

impl Room {
    fn of(plan: &BatchPlan) -> Self {
        Self { messages: plan.max as usize, bytes: plan.bytes, empty: true }
    }

    /// How many of these fit, from the first on; the first of a batch may be larger than all of it.
    fn take(&mut self, sizes: impl Iterator<Item = u64>) -> usize {
        let mut count = 0;
        for size in sizes {
            if self.messages == 0 || (size > self.bytes && !self.empty) {
                break;
            }
            self.messages -= 1;
            self.bytes = self.bytes.saturating_sub(size);
            self.empty = false;
            count += 1;
        }
        count
    }
}

/// How many bytes of each message count.
fn sizes(batch: &BatchContext) -> impl Iterator<Item = u64> {
    Messages::new(batch).iter().map(|message| message.payload().map_or(0, <[u8]>::len) as u64)
}

#[cfg(test)]
#[path = "gathering_tests.rs"]
mod tests;
