//! The ordered driver of a listener that takes several messages at once: collects a batch, hands it over, and stands at
//! the first message that was not handled, as it would after one message.

use super::before::Before;
use super::{Hold, Work};
use crate::batch::{BatchContext, Part, Source};
use crate::engine::batch::{self, Collected, Collector, Decision, Handed, Then};
use crate::engine::feed::Pulled;
use crate::engine::lane::LaneState;
use crate::engine::limit::Permit;
use crate::engine::policy;
use crate::listener::Failure;
use crate::plan::BatchPlan;
use millstream_native::{Batch, Message, NativeError};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What collecting needs beside the messages in hand.
pub(super) struct Batching {
    plan: BatchPlan,
    pub(super) collector: Collector,
    /// Pulled behind those in hand, each with its first message.
    queue: VecDeque<(Arc<Batch>, usize)>,
    /// Came in place of what follows the queue.
    trouble: Option<NativeError>,
    /// Messages below this come one at a time: one of them failed, and nobody said which.
    alone_until: i64,
}

impl Batching {
    pub(super) fn new(plan: BatchPlan) -> Self {
        Self { plan, collector: Collector::default(), queue: VecDeque::new(), trouble: None, alone_until: i64::MIN }
    }

    fn is_full(&self, collected: &Collected) -> bool {
        collected.messages >= self.plan.max as usize || collected.bytes >= self.plan.bytes
    }

    /// Reading goes on elsewhere.
    pub(super) fn forget(&mut self) {
        self.queue.clear();
        self.trouble = None;
        self.collector = Collector::default();
    }
}

/// What collecting gave.
enum Collecting {
    /// A batch is to be handed over.
    Complete,
    /// Something else is to be looked at.
    Interrupted,
}

/// What was there behind the messages in hand.
enum Behind {
    More,
    Nothing,
    /// An error in place of messages.
    Trouble,
}

impl Work<'_> {
    /// Collects a batch and hands it over.
    pub(super) async fn handle_batch(&mut self, batching: &mut Batching) {
        if let Collecting::Interrupted = self.collect(batching).await {
            return;
        }
        let gathering = self.driver.gathering.clone().filter(|_| !self.comes_alone(batching));
        // A batch of several partitions takes one permit for all.
        let permit = match &gathering {
            Some(_) => Ok(None),
            None => self.permit().await,
        };
        let Ok(permit) = permit else { return };
        if let Some((offset, reason)) = self.run.offset().and_then(|offset| self.run.skips.remove_entry(&offset)) {
            return self.skip(offset, reason);
        }
        let mut before = match self.before().await {
            Before::Not => return,
            before => before,
        };
        let Some(context) = self.take_batch(batching) else { return };
        let handed = match gathering {
            Some(gathering) => self.join(batching, &gathering, context).await,
            None => Some(self.hand_over(batching, context, permit).await),
        };
        let Some(mut handed) = handed else { return };
        if handed.shortened {
            batching.collector.hurry();
        }
        handed.wait_for_others().await;
        if let Then::GoOn = handed.verdict.then {
            before.survived();
        }
        self.after_batch(batching, handed);
    }

    /// Hands over a batch of this partition alone.
    async fn hand_over(&self, batching: &mut Batching, context: BatchContext, permit: Option<Permit>) -> Handed {
        batching.collector.handed_over();
        let driver = self.driver;
        let call = Box::pin(batch::call_in_order(&*driver.listener, context, driver.plan.timeout));
        let called = driver.lane.watch_polls(call).await;
        let range = 0..called.batch.len();
        let verbs = batch::verbs_of(&called.batch, &range);
        Handed {
            verdict: batch::decide(range.len(), called.returned, verbs),
            batch: Arc::new(called.batch),
            range,
            verbs,
            shortened: called.shortened,
            permit: permit.map(Arc::new),
        }
    }

    /// Collects until a batch is complete.
    async fn collect(&mut self, batching: &mut Batching) -> Collecting {
        let lane = &self.driver.lane;
        self.stand_at_next(batching);
        if !self.run.has_message() {
            if let Some(error) = batching.trouble.take() {
                self.trouble(error).await;
                return Collecting::Interrupted;
            }
            if !self.pull().await {
                return Collecting::Interrupted;
            }
            self.stand_at_next(batching);
        }
        let mut collected = self.count(batching);
        // What was settled before is passed over in the batch in hand alone.
        collected.dry = self.ahead.is_some();
        loop {
            if lane.requests().any() {
                return Collecting::Interrupted;
            }
            let now = Instant::now();
            let plan = self.plan_at_next(batching);
            match batching.collector.decide(&plan, collected, now) {
                Decision::HandOver => return Collecting::Complete,
                _ if collected.messages == 0 => return Collecting::Interrupted,
                Decision::Look => match self.pull_behind(batching, &mut collected) {
                    // Other partitions of this worker have their turn once a pull.
                    Behind::More => tokio::task::yield_now().await,
                    Behind::Nothing => collected.dry = true,
                    Behind::Trouble => return Collecting::Complete,
                },
                Decision::Until(at) => tokio::select! {
                    () = tokio::time::sleep_until(at) => {}
                    () = self.driver.feed.readable(self.driver.reader) => collected.dry = false,
                    () = lane.requests().changed() => return Collecting::Interrupted,
                },
            }
        }
    }

    /// Takes what is there behind the messages in hand.
    fn pull_behind(&self, batching: &mut Batching, collected: &mut Collected) -> Behind {
        match self.driver.feed.pull(self.driver.reader, self.pulled_to(batching)) {
            Pulled::Batch(more, index) => {
                self.driver.enter_leader_epoch(&more);
                add(collected, &more, index, i64::MIN);
                batching.queue.push_back((more, index));
                Behind::More
            }
            Pulled::Nothing => Behind::Nothing,
            Pulled::Trouble(error) => {
                batching.trouble = Some(error);
                Behind::Trouble
            }
        }
    }

    /// Takes what is there until a batch is full; whether that was anything.
    pub(super) fn fill_up(&self, batching: &mut Batching) -> bool {
        let mut collected = self.count(batching);
        let before = collected.messages;
        while !batching.is_full(&collected) && matches!(self.pull_behind(batching, &mut collected), Behind::More) {}
        collected.messages > before
    }

    /// Whether more messages would have room in the batch in hand.
    pub(super) fn has_room(&self, batching: &Batching) -> bool {
        batching.trouble.is_none() && !batching.is_full(&self.count(batching))
    }

    /// Goes on to the first message that was not delivered.
    fn stand_at_next(&mut self, batching: &mut Batching) {
        loop {
            while self.run.offset().is_some_and(|offset| offset < self.run.next) {
                self.run.pass_again();
            }
            if self.run.has_message() {
                return;
            }
            let Some((next, index)) = batching.queue.pop_front() else { return };
            if let Some(done) = self.run.unload() {
                self.driver.feed.give_back(done);
            }
            self.run.load(next, index);
        }
    }

    fn count(&self, batching: &Batching) -> Collected {
        let mut collected = Collected::default();
        if let Some((batch, index)) = self.run.in_turn() {
            add(&mut collected, batch, index, self.run.next);
        }
        for (batch, index) in &batching.queue {
            add(&mut collected, batch, *index, self.run.next);
        }
        collected
    }

    /// Where pulling goes on.
    fn pulled_to(&self, batching: &Batching) -> i64 {
        let last = batching.queue.back().map(|(batch, _)| batch).or_else(|| self.run.batch());
        let last = last.and_then(|batch| batch.get(batch.len().checked_sub(1)?)).map(Message::offset);
        last.map_or(self.run.next, |last| self.run.next.max(last.saturating_add(1)))
    }

    /// The plan for the batch that begins with the next message.
    fn plan_at_next(&self, batching: &Batching) -> BatchPlan {
        let mut plan = batching.plan.clone();
        if self.comes_alone(batching) {
            plan.max = 1;
        } else if self.driver.gathering.is_some() {
            // Waiting is for all partitions together.
            plan.wait = Duration::ZERO;
            plan.min = 1;
        }
        plan
    }

    /// Whether the next message is handed over without any other.
    fn comes_alone(&self, batching: &Batching) -> bool {
        let lane = &self.driver.lane;
        // On a retry topic each message has its own time, and a guarded one its own mark.
        let one_by_one = lane.stage.is_some() || lane.guard.as_ref().is_some_and(|guard| guard.covers(self.run.next));
        one_by_one || self.run.next < batching.alone_until
    }

    /// The batch to be handed over; it ends before a message that is to be skipped.
    pub(super) fn take_batch(&self, batching: &Batching) -> Option<BatchContext> {
        let plan = self.plan_at_next(batching);
        let max = plan.max as usize;
        let lane = &self.driver.lane;
        let mut parts = Vec::new();
        let mut attempts = Vec::new();
        let (mut messages, mut bytes, mut next) = (0_usize, 0_u64, self.run.next);
        let stretches =
            self.run.in_turn().into_iter().chain(batching.queue.iter().map(|(batch, index)| (batch, *index)));
        'full: for (batch, index) in stretches {
            let (mut from, mut to) = (index, index);
            let mut end = false;
            while let Some(message) = batch.get(to) {
                let offset = message.offset();
                if offset < next {
                    // Delivered before: a rebalance makes librdkafka fetch again what it had handed out.
                    if to > from {
                        parts.push(Part::new(lane, Source::Stretch { batch: Arc::clone(batch), from, to }));
                    }
                    to += 1;
                    from = to;
                    continue;
                }
                let size = size(message);
                end = messages == max
                    || (messages > 0 && bytes.saturating_add(size) > plan.bytes)
                    || self.run.skips.contains_key(&offset);
                if end {
                    break;
                }
                if !self.run.attempts.is_empty() {
                    let attempt = self.run.attempts.next(offset);
                    attempts.extend((attempt > 1).then_some((messages, attempt)));
                }
                messages += 1;
                bytes = bytes.saturating_add(size);
                next = offset.saturating_add(1);
                to += 1;
            }
            if to > from {
                parts.push(Part::new(lane, Source::Stretch { batch: Arc::clone(batch), from, to }));
            }
            if end {
                break 'full;
            }
        }
        (messages > 0).then(|| BatchContext::new(parts, true, attempts))
    }

    /// Settles what was handled, and does what the failure policy says about the first that was not.
    fn after_batch(&mut self, batching: &mut Batching, handed: Handed) {
        let Handed { batch, range, verbs, verdict, shortened: _, permit: _permit } = handed;
        let lane = &self.driver.lane;
        let offset = |within: usize| {
            let (part, within) = batch.locate(range.start + within)?;
            part.offset(within)
        };
        let behind = |count: usize| count.checked_sub(1).and_then(offset).map(|last| last.saturating_add(1));
        let end = behind(range.len()).unwrap_or(self.run.next);
        let passed = behind(verdict.passed);
        // A listener that commits by hand has done so, except for what it left to others.
        let settled = if self.driver.plan.auto_commit {
            behind(verdict.passed.max(verbs.committed))
        } else {
            behind(verbs.committed).filter(|next| lane.frontier.offset() < Some(*next))
        };
        // Its messages can be freed once nothing else holds them.
        drop(batch);
        if let Some(passed) = passed {
            self.run.next = passed;
            self.run.attempts.passed(passed - 1);
        }
        if let (Some(settled), None) = (settled, verbs.rewind) {
            lane.frontier.set(settled);
            if !self.driver.plan.auto_commit {
                lane.commit_soon();
            }
        }
        self.stand_at_next(batching);
        if let Some(failure) = verdict.reported {
            tracing::error!(
                listener = %lane.listener, topic = %lane.topic, partition = lane.partition, position = self.run.next,
                error = %failure, "a message of a batch failed after it had been committed: not tried again"
            );
        }
        match verdict.then {
            Then::GoOn => {}
            Then::Again => batching.collector.hurry(),
            Then::Failed(failure) => {
                batching.collector.hurry();
                self.run.take_in_turn();
                if let Some((_, to)) = verbs.rewind.filter(|(index, _)| *index == verdict.passed) {
                    self.run.context.verb().rewind(to);
                }
                self.failed(&failure);
            }
            Then::Alone(failure) => {
                batching.collector.hurry();
                batching.alone_until = end;
                self.wait_alone(&failure);
            }
        }
    }

    /// After a failure that names no message: what is left of the batch comes again after a while, one at a time. It is
    /// nobody's attempt.
    fn wait_alone(&mut self, failure: &Failure) {
        let lane = &self.driver.lane;
        let offset = self.run.next;
        let after = policy::wait(self.driver.plan.failure.backoff, 1, fastrand::f64());
        tracing::warn!(
            listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
            error = %failure, wait = ?after, "a batch failed as a whole: its messages come again one at a time"
        );
        lane.set_state(LaneState::Retrying { offset, attempt: 1, reason: failure.to_string() });
        self.hold = Hold::Until(Instant::now() + after);
        self.new_epoch();
    }
}

/// Counts the messages of a batch from this one on.
fn add(collected: &mut Collected, batch: &Batch, index: usize, next: i64) {
    let messages = (index..batch.len()).filter_map(|index| batch.get(index));
    for message in messages.filter(|message| message.offset() >= next) {
        collected.messages += 1;
        collected.bytes = collected.bytes.saturating_add(size(message));
    }
}

/// How many bytes of a message count.
fn size(message: &Message) -> u64 {
    message.payload().map_or(0, <[u8]>::len) as u64
}
