//! Answers an assignment: finds where each partition starts, splits its queue off, starts its lanes.
//!
//! The group's positions are asked from the coordinator, what is lacking from the partitions' leaders; only
//! then is the assignment answered, with explicit offsets. A start that was not a position of the group is
//! committed before anything is delivered.

use super::{Phase, Rebalance, Subscription};
use crate::engine::committer::Key;
use crate::engine::metadata::PositionMetadata;
use crate::engine::start::{self, Known};
use crate::engine::watch::is_refusal;
use crate::events::Event as Happened;
use crate::plan::Start;
use millstream_native::{
    Code, CommittedPosition, NativeError, OffsetAnswer, OffsetSpec, RebalanceProtocol, StartAt, TopicPartition,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one question may take.
const QUESTION: Duration = Duration::from_secs(10);
/// How long to wait before a question is repeated.
const RETRY: Duration = Duration::from_millis(200);
/// After this long without an answer the client is made anew: the group must not wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// An assignment that is being answered.
pub(super) struct Assigning {
    partitions: Vec<TopicPartition>,
    since: Instant,
    step: Step,
    /// What the coordinator said, of every partition of the topics.
    pub(super) known: BTreeMap<Key, Known>,
    /// The text of the positions' metadata, as it is held.
    pub(super) held: BTreeMap<Key, String>,
    /// How many partitions each topic had when the group first met it.
    pub(super) baselines: BTreeMap<Arc<str>, i32>,
    /// Where each assigned partition starts, as far as it is decided.
    starts: BTreeMap<Key, i64>,
}

enum Step {
    /// Ask for the group's positions, not before.
    AskPositions(Instant),
    AwaitPositions(u64),
    /// Ask for these offsets, not before.
    AskOffsets(Vec<(Key, OffsetSpec)>, Instant),
    AwaitOffsets(u64, Vec<(Key, OffsetSpec)>),
}

impl Assigning {
    pub(super) fn next_turn(&self) -> Instant {
        match &self.step {
            Step::AskPositions(at) | Step::AskOffsets(_, at) => *at,
            Step::AwaitPositions(_) | Step::AwaitOffsets(..) => self.since + PATIENCE,
        }
    }
}

impl Subscription {
    /// The group hands partitions to us.
    pub(super) fn assign(&mut self, partitions: Vec<TopicPartition>, now: Instant) {
        if !matches!(self.phase, Phase::Running) {
            self.answer_assignment(&[]);
            return;
        }
        self.heard();
        if partitions.is_empty() {
            self.answer_assignment(&[]);
            self.joined = true;
            if self.slots.is_empty() {
                tracing::info!(group = %self.plan.group_id, "assigned nothing: the group has more members than partitions");
            }
            return self.tell_ready();
        }
        tracing::debug!(group = %self.plan.group_id, partitions = partitions.len(), "assigned, looking for positions");
        self.rebalance = Rebalance::Assigning(Assigning {
            partitions,
            since: now,
            step: Step::AskPositions(now),
            known: BTreeMap::new(),
            held: BTreeMap::new(),
            baselines: BTreeMap::new(),
            starts: BTreeMap::new(),
        });
        self.advance_rebalance(now);
    }

    /// Does what is due for an unanswered rebalance.
    pub(super) fn advance_rebalance(&mut self, now: Instant) {
        match std::mem::replace(&mut self.rebalance, Rebalance::None) {
            Rebalance::None => {}
            Rebalance::Assigning(assigning) => self.advance_assignment(assigning, now),
            Rebalance::Revoking(revoking) => self.advance_revocation(revoking, now),
        }
    }

    fn advance_assignment(&mut self, mut assigning: Assigning, now: Instant) {
        if now.duration_since(assigning.since) >= PATIENCE {
            tracing::error!(group = %self.plan.group_id, "the positions could not be had for {PATIENCE:?}: joining again");
            self.answer_assignment(&[]);
            return self.rebuild("the group's positions could not be had", now);
        }
        assigning.step = match assigning.step {
            Step::AskPositions(at) if now >= at => self.ask_positions(&assigning.partitions, now),
            Step::AskOffsets(wanted, at) if now >= at => self.ask_offsets(wanted, now),
            step => step,
        };
        self.rebalance = Rebalance::Assigning(assigning);
    }

    /// Asks for the positions of every partition of the topics: the others' metadata say how many the group
    /// first met.
    fn ask_positions(&mut self, partitions: &[TopicPartition], now: Instant) -> Step {
        let request = self.next_request();
        let mut wanted: BTreeSet<(&str, i32)> = partitions.iter().map(|at| (&*at.topic, at.partition)).collect();
        let topics: BTreeSet<&str> = partitions.iter().map(|at| &*at.topic).collect();
        for topic in topics {
            wanted.extend((0..self.partition_count(topic)).map(|partition| (topic, partition)));
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        let asked =
            self.client.as_ref().map(|client| client.committed(request, &self.plan.group_id, &wanted, QUESTION));
        match asked {
            Some(Ok(())) => Step::AwaitPositions(request),
            Some(Err(error)) => {
                tracing::warn!(group = %self.plan.group_id, %error, "cannot ask for the group's positions");
                Step::AskPositions(now + RETRY)
            }
            None => Step::AskPositions(now + RETRY),
        }
    }

    fn ask_offsets(&mut self, wanted: Vec<(Key, OffsetSpec)>, now: Instant) -> Step {
        let request = self.next_request();
        let list: Vec<_> = wanted.iter().map(|((topic, partition), spec)| (&**topic, *partition, *spec)).collect();
        match self.client.as_ref().map(|client| client.offsets(request, &list, QUESTION)) {
            Some(Ok(())) => Step::AwaitOffsets(request, wanted),
            Some(Err(error)) => {
                tracing::warn!(group = %self.plan.group_id, %error, "cannot ask for offsets");
                Step::AskOffsets(wanted, now + RETRY)
            }
            None => Step::AskOffsets(wanted, now + RETRY),
        }
    }

    /// The coordinator's answer.
    pub(super) fn positions_known(
        &mut self,
        request: u64,
        result: Result<Vec<CommittedPosition>, NativeError>,
        now: Instant,
    ) {
        let Rebalance::Assigning(assigning) = &mut self.rebalance else { return };
        if !matches!(assigning.step, Step::AwaitPositions(awaited) if awaited == request) {
            return;
        }
        let positions = match result {
            Ok(positions) => positions,
            Err(error) => {
                assigning.step = Step::AskPositions(now + RETRY);
                return self.refused_positions(&error, now);
            }
        };
        let assigned: BTreeSet<_> =
            assigning.partitions.iter().map(|at| (Arc::clone(&at.topic), at.partition)).collect();
        for position in positions {
            let key = (position.at.topic, position.at.partition);
            // The others count too: their metadata say how many partitions the group first met. One that is gone says nothing.
            let gone = !assigned.contains(&key) && position.error.is_some_and(is_gone);
            if let Some(code) = position.error.filter(|_| !gone) {
                assigning.step = Step::AskPositions(now + RETRY);
                let error = NativeError::new(code, format!("the position of {}/{}: {code}", key.0, key.1));
                return self.refused_positions(&error, now);
            }
            let text = position.metadata.unwrap_or_default();
            assigning
                .known
                .insert(key.clone(), Known { position: position.offset, metadata: PositionMetadata::read(&text) });
            assigning.held.insert(key, text);
        }
        let mut wanted = Vec::new();
        let mut starts = BTreeMap::new();
        let nothing = Known::default();
        let known = std::mem::take(&mut assigning.known);
        let topics: BTreeSet<Arc<str>> = assigned.iter().map(|(topic, _)| Arc::clone(topic)).collect();
        let baselines: BTreeMap<Arc<str>, i32> =
            topics.into_iter().map(|topic| (Arc::clone(&topic), self.baseline(&topic, &known))).collect();
        for key in assigned {
            let baseline = baselines.get(&key.0).copied().unwrap_or(0);
            let at = start::start_at(key.1, known.get(&key).unwrap_or(&nothing), baseline, self.start_wish(&key.0));
            match at {
                start::StartAt::Position(offset) => drop(starts.insert(key, offset)),
                start::StartAt::Resolve(wish) => wanted.push((key, spec(wish))),
            }
        }
        if let Rebalance::Assigning(assigning) = &mut self.rebalance {
            assigning.known = known;
            assigning.baselines = baselines;
            assigning.starts = starts;
            assigning.step = Step::AskOffsets(wanted, now);
        }
        self.finish_or_ask(now);
    }

    /// The leaders' answer.
    pub(super) fn offsets_known(&mut self, request: u64, result: Result<Vec<OffsetAnswer>, NativeError>, now: Instant) {
        let Rebalance::Assigning(assigning) = &mut self.rebalance else { return };
        let wanted = match &mut assigning.step {
            Step::AwaitOffsets(awaited, wanted) if *awaited == request => std::mem::take(wanted),
            _ => return,
        };
        let answers = result.unwrap_or_else(|error| {
            tracing::warn!(group = %self.plan.group_id, %error, "offsets could not be had, asking again");
            Vec::new()
        });
        let answers: BTreeMap<Key, _> =
            answers.into_iter().map(|answer| ((answer.at.topic, answer.at.partition), answer.result)).collect();
        let mut missing = Vec::new();
        let mut again = now;
        for (key, spec) in wanted {
            match answers.get(&key).copied() {
                Some(Ok(Some(offset))) => drop(assigning.starts.insert(key, offset)),
                // No message is that late: the end.
                Some(Ok(None)) => missing.push((key, OffsetSpec::Latest)),
                Some(Err(error)) => {
                    tracing::warn!(topic = %key.0, partition = key.1, %error, "an offset could not be had, asking again");
                    again = now + RETRY;
                    missing.push((key, spec));
                }
                None => {
                    again = now + RETRY;
                    missing.push((key, spec));
                }
            }
        }
        assigning.step = Step::AskOffsets(missing, again);
        self.finish_or_ask(now);
    }

    fn finish_or_ask(&mut self, now: Instant) {
        match std::mem::replace(&mut self.rebalance, Rebalance::None) {
            Rebalance::Assigning(assigning) if matches!(&assigning.step, Step::AskOffsets(wanted, _) if wanted.is_empty()) =>
            {
                self.finish_assignment(&assigning, now);
            }
            other => {
                self.rebalance = other;
                self.advance_rebalance(now);
            }
        }
    }

    /// Everything is known: opens the feeds, answers, starts the lanes.
    fn finish_assignment(&mut self, assigning: &Assigning, now: Instant) {
        let mut slots = Vec::with_capacity(assigning.starts.len());
        for (key, offset) in &assigning.starts {
            match self.open_slot(key, *offset, assigning) {
                Ok(opened) => slots.push(opened),
                Err(error) => {
                    tracing::error!(topic = %key.0, partition = key.1, %error, "the partition's queue could not be opened");
                    self.answer_assignment(&[]);
                    return self.rebuild("a partition's queue could not be opened", now);
                }
            }
        }
        let starts: Vec<StartAt<'_>> = assigning
            .starts
            .iter()
            .map(|((topic, partition), offset)| StartAt { topic, partition: *partition, offset: *offset })
            .collect();
        if !self.answer_assignment(&starts) {
            return self.rebuild("librdkafka refused the assignment", now);
        }
        self.joined = true;
        self.rebuilds = 0;
        let partitions =
            assigning.starts.iter().map(|((topic, partition), offset)| (Arc::clone(topic), *partition, *offset));
        let partitions: Vec<_> = partitions.collect();
        tracing::info!(group = %self.plan.group_id, partitions = %Shown(&partitions), "assigned");
        for (slot, drivers) in slots {
            self.start_slot(slot, drivers, assigning);
        }
        self.signals.event(Happened::Assigned { group_id: Arc::clone(&self.plan.group_id), partitions });
        self.tell_ready();
    }

    /// Tells librdkafka what we read from now on; whether it took that.
    pub(super) fn answer_assignment(&mut self, starts: &[StartAt<'_>]) -> bool {
        let Some(client) = &self.client else { return false };
        let answered = match client.protocol() {
            RebalanceProtocol::Cooperative => client.incremental_assign(starts),
            _ => client.assign(starts),
        };
        if let Err(error) = answered {
            tracing::error!(group = %self.plan.group_id, %error, "the assignment could not be answered");
            return false;
        }
        true
    }

    fn start_wish(&self, topic: &str) -> Start {
        if self.retry_topics.listeners_of(topic).is_some() {
            // What failed is not lost because nobody had read the topic before.
            return Start::Earliest;
        }
        let wishes = self.listeners_of(topic).into_iter().filter_map(|index| self.listeners.get(index));
        let wishes: Vec<_> = wishes.map(|listening| listening.plan.start).collect();
        // Named topics are checked at start; patterns may meet in a topic nobody knew then.
        if wishes.contains(&Start::Earliest) {
            Start::Earliest
        } else {
            wishes.first().copied().unwrap_or(Start::Latest)
        }
    }

    fn baseline(&self, topic: &Arc<str>, known: &BTreeMap<Key, Known>) -> i32 {
        let of_topic = known.range((Arc::clone(topic), i32::MIN)..=(Arc::clone(topic), i32::MAX));
        let noted = of_topic.filter_map(|(_, known)| known.metadata.partitions).min();
        let at_subscribe = self.first_seen.as_ref().map(|seen| seen.get(topic).copied().unwrap_or(0));
        start::baseline(noted, at_subscribe, self.partition_count(topic))
    }

    fn partition_count(&self, topic: &str) -> i32 {
        self.seen.as_ref().and_then(|seen| seen.get(topic).copied()).unwrap_or(0)
    }

    /// The group's positions could not be had: asked again, unless we may not have them.
    fn refused_positions(&mut self, error: &NativeError, now: Instant) {
        if is_refusal(error.code) {
            return self.client_error(error, now);
        }
        tracing::warn!(group = %self.plan.group_id, %error, "the group's positions could not be had, asking again");
    }
}

fn is_gone(code: Code) -> bool {
    matches!(code, Code::UNKNOWN_TOPIC_OR_PART | Code::UNKNOWN_TOPIC | Code::UNKNOWN_PARTITION)
}

fn spec(wish: Start) -> OffsetSpec {
    match wish {
        Start::Latest => OffsetSpec::Latest,
        Start::Earliest => OffsetSpec::Earliest,
        Start::Timestamp(milliseconds) => OffsetSpec::Timestamp(milliseconds),
    }
}

/// `orders/0@12, orders/1@7 ..`, the first few.
struct Shown<'p>(&'p [(Arc<str>, i32, i64)]);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 16;
        for (index, (topic, partition, offset)) in self.0.iter().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{topic}/{partition}@{offset}")?;
        }
        if self.0.len() > SHOWN {
            write!(formatter, " and {} more", self.0.len() - SHOWN)?;
        }
        Ok(())
    }
}
