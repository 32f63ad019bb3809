//! One group member: its client, its assigned partitions, its rebalances, from joining to leaving.
//!
//! Everything here runs on the control thread and never blocks: each turn looks at what the client
//! reports and at the clock.

mod assign;
mod client;
mod close;
mod listening;
mod missing;
mod open;
mod protocol;
mod read_again;
mod revoke;
mod slot;
mod stalls;

use super::batch::Gathering;
use super::committer::{Answered, Committer, Effect, Key};
use super::failing::retry_topics::RetryTopics;
use super::inbox::SubscriptionPort;
use super::lane::{Lane, Ticket};
use super::limit::Limit;
use super::signals::Signals;
use super::watch::TopicsSeen;
use crate::admin::Admin;
use crate::context::{Attributes, CommitAnswer};
use crate::events::Event as Happened;
use crate::plan::{DEFAULT_BLOCKING, DEFAULT_CONCURRENCY, GroupProtocol, MissingTopics, OrderBy, SubscriptionPlan};
use assign::Assigning;
use close::Closing;
use listening::Listening;
use millstream_native::{Client, Event, Position};
use missing::Missing;
use regex_lite::Regex;
use revoke::Revoking;
use slot::{Slot, Turns};
use stalls::Stalls;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

/// How long a KIP-848 member waits for partitions before it is taken to have none.
const QUIET: Duration = Duration::from_secs(5);

/// A group member.
pub(crate) struct Subscription {
    plan: SubscriptionPlan,
    listeners: Vec<Listening>,
    bootstrap: String,
    embedded: bool,
    missing_topics: MissingTopics,
    promised_topics: BTreeSet<Arc<str>>,
    /// What was missing when it was last told.
    missing: Missing,
    runtime: tokio::runtime::Handle,
    port: SubscriptionPort,
    signals: Arc<Signals>,
    admin: Option<Admin>,
    /// Those being created, and the tasks that do it.
    creating: BTreeSet<Arc<str>>,
    creations: JoinSet<()>,
    attributes: Arc<Attributes>,
    ready: watch::Sender<bool>,

    phase: Phase,
    client: Option<Client>,
    /// The topics of the cluster, and those that were there when this member subscribed first.
    seen: Option<TopicsSeen>,
    first_seen: Option<TopicsSeen>,
    /// The retry topics of what there is to read.
    retry_topics: RetryTopics,
    subscribed: Vec<Arc<str>>,
    subscribed_at: Option<Instant>,
    batch_bytes: usize,
    /// Whether an assignment was answered: before, there is nothing to commit.
    joined: bool,
    /// Whether the cluster was heard of since it was last away.
    reached: bool,
    rebuilds: u32,
    complained: Option<Instant>,
    /// When it was last said that the group's protocol does not fit.
    unfit: Option<Instant>,

    slots: BTreeMap<Key, Slot>,
    /// Given back, but handlers are still running.
    leaving: Vec<Slot>,
    /// Listener, topic and partition of the handlers that had not ended by the deadline of the end.
    overran: Vec<(Arc<str>, Arc<str>, i32)>,
    next_slot: u64,
    turns: Turns,
    rebalance: Rebalance,
    committer: Committer,
    requests: u64,
    stalls: Stalls,
}

/// Where the member is in its life.
enum Phase {
    /// It waits to hear of its topics.
    Waiting,
    /// It has a client.
    Running,
    /// Its client died; the next is made then.
    Rebuilding(Instant),
    /// It is ending.
    Closing(Closing),
    /// It has ended; these handlers had not.
    Closed,
}

/// A rebalance that was not answered yet.
enum Rebalance {
    None,
    Assigning(Assigning),
    Revoking(Revoking),
}

/// What a subscription is made of.
pub(crate) struct SubscriptionParts {
    pub(crate) plan: SubscriptionPlan,
    pub(crate) bootstrap: String,
    pub(crate) embedded: bool,
    pub(crate) missing_topics: MissingTopics,
    /// Those of its cluster that the application itself creates.
    pub(crate) promised_topics: BTreeSet<Arc<str>>,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) port: SubscriptionPort,
    pub(crate) signals: Arc<Signals>,
    /// Creates the retry topics of what patterns match.
    pub(crate) admin: Option<Admin>,
    pub(crate) attributes: Arc<Attributes>,
}

impl Subscription {
    /// A member that joins when it hears of its topics; the receiver becomes true when its listeners run.
    pub(crate) fn new(parts: SubscriptionParts) -> Result<(Self, watch::Receiver<bool>), regex_lite::Error> {
        let now = Instant::now();
        let (ready, is_ready) = watch::channel(false);
        let mut listeners = Vec::with_capacity(parts.plan.listeners.len());
        for plan in &parts.plan.listeners {
            let pattern = plan.pattern.as_deref().map(|pattern| Regex::new(&format!("^(?:{pattern})$"))).transpose()?;
            let unordered = plan.order_by != OrderBy::Partition;
            let several = if plan.blocking { DEFAULT_BLOCKING } else { DEFAULT_CONCURRENCY };
            let limit = plan.concurrency.or((unordered || plan.blocking).then_some(several));
            let limit = limit.map(|limit| Arc::new(Limit::new(limit)));
            let gathering = Gathering::of(plan, limit.as_ref());
            listeners.push(Listening { plan: Arc::new(plan.clone()), pattern, limit, gathering });
        }
        let committer = Committer::new(parts.plan.commit_interval, now);
        let subscription = Self {
            plan: parts.plan,
            listeners,
            bootstrap: parts.bootstrap,
            embedded: parts.embedded,
            missing_topics: parts.missing_topics,
            promised_topics: parts.promised_topics,
            missing: Missing::default(),
            runtime: parts.runtime,
            port: parts.port,
            signals: parts.signals,
            admin: parts.admin,
            creating: BTreeSet::new(),
            creations: JoinSet::new(),
            attributes: parts.attributes,
            ready,
            phase: Phase::Waiting,
            client: None,
            seen: None,
            first_seen: None,
            retry_topics: RetryTopics::default(),
            subscribed: Vec::new(),
            subscribed_at: None,
            batch_bytes: 0,
            joined: false,
            reached: false,
            rebuilds: 0,
            complained: None,
            unfit: None,
            slots: BTreeMap::new(),
            leaving: Vec::new(),
            overran: Vec::new(),
            next_slot: 0,
            turns: Turns::default(),
            rebalance: Rebalance::None,
            committer,
            requests: 0,
            stalls: Stalls::default(),
        };
        Ok((subscription, is_ready))
    }

    pub(crate) fn cluster(&self) -> &Arc<str> {
        &self.plan.cluster
    }

    /// When [`turn`](Self::turn) is due even if nothing happens.
    pub(crate) fn next_turn(&self) -> Instant {
        let far = Instant::now() + Duration::from_secs(1);
        let rebalance = match &self.rebalance {
            Rebalance::None => far,
            Rebalance::Assigning(assigning) => assigning.next_turn(),
            Rebalance::Revoking(revoking) => revoking.deadline(),
        };
        let phase = match &self.phase {
            Phase::Rebuilding(at) => *at,
            Phase::Closing(closing) => closing.next_turn(),
            Phase::Waiting | Phase::Running | Phase::Closed => far,
        };
        let commit = if self.client.is_some() && !self.committer.is_busy() { self.committer.next_turn() } else { far };
        rebalance.min(phase).min(commit)
    }

    /// Looks at what happened and does what is due.
    pub(crate) fn turn(&mut self, now: Instant) {
        if self.port.take_commit_wanted() {
            self.committer.want();
        }
        while let Some(event) = self.client.as_ref().and_then(Client::poll) {
            self.happened(event, now);
        }
        match self.phase {
            Phase::Rebuilding(at) if now >= at => self.connect(now),
            _ => {}
        }
        self.advance_rebalance(now);
        self.advance_close(now);
        self.send_positions(now);
        self.assume_joined(now);
        for (lane, since) in self.stalls.look(now, self.slots.values().flat_map(Slot::lanes)) {
            tracing::warn!(
                listener = %lane.listener, topic = %lane.topic, partition = lane.partition, ?since,
                "a handler keeps its thread busy without awaiting anything: other partitions of that thread wait; blocking work belongs in `tokio::task::spawn_blocking`"
            );
            self.signals.event(Happened::Blocking {
                listener: Arc::clone(&lane.listener),
                topic: Arc::clone(&lane.topic),
                partition: lane.partition,
            });
        }
    }

    /// A handler awaits the answer to its verb.
    pub(crate) fn await_answer(&mut self, lane: Arc<Lane>, ticket: Ticket, sender: oneshot::Sender<CommitAnswer>) {
        let revoking = match &self.rebalance {
            Rebalance::Revoking(revoking) => revoking.concerns(&lane.topic, lane.partition),
            _ => false,
        };
        if revoking || self.client.is_none() {
            drop(sender.send(Err(crate::context::CommitError::revoked())));
        } else {
            self.committer.await_answer(lane, ticket, sender);
        }
    }

    fn happened(&mut self, event: Event, now: Instant) {
        match event {
            Event::Assign(partitions) => self.assign(partitions, now),
            Event::Revoke { partitions, lost } => self.revoke(partitions, lost, now),
            Event::RebalanceError(error) => {
                tracing::warn!(group = %self.plan.group_id, %error, "a rebalance failed");
                self.give_everything_up(now);
            }
            Event::Committed { request, error, partitions } => {
                let answers: Vec<Answered> = partitions
                    .into_iter()
                    .map(|answer| Answered { key: (answer.at.topic, answer.at.partition), error: answer.error })
                    .collect();
                self.committed(request, error, &answers, now);
            }
            Event::CommittedPositions { request, result } => self.positions_known(request, result, now),
            Event::Offsets { request, result } => self.offsets_known(request, result, now),
            Event::Error(error) => self.client_error(&error, now),
            Event::Log { level, facility, message } => crate::engine::log_native(level, &facility, &message),
            Event::StrayMessage { at, offset } => {
                tracing::warn!(topic = %at.topic, partition = at.partition, offset, "a message came before its queue: reading it again");
                if let Some(Err(error)) =
                    self.client.as_ref().map(|client| client.seek(&at.topic, at.partition, offset))
                {
                    tracing::error!(topic = %at.topic, partition = at.partition, offset, %error, "could not seek");
                }
            }
            Event::TokenRefresh { .. } => {
                let reason = "no token provider: set sasl.oauthbearer.method=oidc and its properties";
                if let Some(Err(error)) = self.client.as_ref().map(|client| client.set_token_failure(reason)) {
                    tracing::warn!(%error, "could not refuse a token refresh");
                }
            }
            // Statistics are asked for only by who reads them; later events are none of our business.
            _ => {}
        }
    }

    fn send_positions(&mut self, now: Instant) {
        let Some(client) = &self.client else { return };
        if let Some((request, sent)) = self.committer.request(now) {
            let positions: Vec<Position<'_>> = sent
                .iter()
                .map(|sent| Position {
                    topic: &sent.key.0,
                    partition: sent.key.1,
                    offset: sent.offset,
                    leader_epoch: sent.leader_epoch,
                    metadata: Some(&sent.metadata),
                })
                .collect();
            if let Err(error) = client.commit(request, &positions) {
                let effects = self.committer.answered(request, Some(error.code), &[], now);
                self.after_answer(effects);
            }
        }
    }

    fn committed(&mut self, request: u64, error: Option<millstream_native::Code>, answers: &[Answered], now: Instant) {
        if error.is_none() {
            self.heard();
        }
        if let Some(error) = error {
            tracing::debug!(group = %self.plan.group_id, %error, "a commit was refused");
        }
        let effects = self.committer.answered(request, error, answers, now);
        self.after_answer(effects);
    }

    fn after_answer(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Opened(key) => {
                    if let Some(slot) = self.slots.get(&key) {
                        slot.open();
                    }
                }
                Effect::Refused(key, reason) => {
                    tracing::error!(
                        group = %self.plan.group_id, topic = %key.0, partition = key.1, reason,
                        "the broker refuses the position: after a restart messages come again from the last one it holds"
                    );
                    self.signals.event(Happened::CommitFailed {
                        group_id: Arc::clone(&self.plan.group_id),
                        topic: key.0,
                        partition: key.1,
                        reason,
                    });
                }
            }
        }
        self.tell_ready();
    }

    /// Says that the listeners run, once the first assignment is complete.
    fn tell_ready(&self) {
        if matches!(self.phase, Phase::Running)
            && matches!(self.rebalance, Rebalance::None)
            && self.joined
            && self.slots.values().all(Slot::is_open)
        {
            self.ready.send_if_modified(|ready| !std::mem::replace(ready, true));
        }
    }

    /// With KIP-848 librdkafka does not report an assignment of nothing: a member that has heard neither
    /// of partitions nor of trouble for a while has been given none.
    fn assume_joined(&mut self, now: Instant) {
        let quiet = self.subscribed_at.is_some_and(|at| now.duration_since(at) >= QUIET);
        // A cluster that is away is complained about again and again.
        let calm = self.complained.is_none_or(|at| now.duration_since(at) >= client::COMPLAINTS + QUIET);
        if quiet && calm && !self.joined && self.plan.protocol == GroupProtocol::Consumer {
            self.joined = true;
            self.heard();
            self.tell_ready();
        }
    }

    /// The cluster answers.
    fn heard(&mut self) {
        if !std::mem::replace(&mut self.reached, true) {
            self.complained = None;
            self.signals.event(Happened::Connected {
                cluster: Arc::clone(&self.plan.cluster),
                group_id: Arc::clone(&self.plan.group_id),
            });
        }
    }

    fn next_request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }
}
