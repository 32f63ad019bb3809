//! The client of a subscription: made when its topics are known, made anew when it dies.

use super::missing::Missing;
use super::protocol;
use super::{Phase, Rebalance, Subscription};
use crate::app::RunErrorKind;
use crate::engine::committer::Key;
use crate::engine::driver::Driver;
use crate::engine::lane::Lane;
use crate::engine::properties::{Prefetch, client_properties};
use crate::engine::watch::{TopicsSeen, is_refusal};
use crate::events::Event as Happened;
use crate::plan::{GroupProtocol, MissingTopics};
use millstream_native::{Client, ClientOptions, Code, NativeError};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the same complaint is logged.
pub(super) const COMPLAINTS: Duration = Duration::from_secs(10);
/// How often a partition's lanes are started again after a driver died, within a while, before the application stops.
const RESTARTS: usize = 3;
/// That while.
const RESTARTS_WITHIN: Duration = Duration::from_secs(600);

impl Subscription {
    /// The cluster's topics, the first time or changed.
    pub(crate) fn topics_seen(&mut self, seen: &TopicsSeen) {
        self.seen = Some(Arc::clone(seen));
        // The cluster has answered.
        self.complained = None;
        self.retry_topics = self.find_retry_topics(seen);
        self.create_retry_topics(seen);
        for topic in seen.keys().filter(|topic| self.retry_topics.is_left_over(topic)) {
            tracing::warn!(
                cluster = %self.plan.cluster, group = %self.plan.group_id, %topic,
                "no listener has this retry topic any more: what waits there is not read; keep its delay in `retry_topics` until it is empty, or delete the topic"
            );
        }
        let existing = self.existing_topics(seen);
        let missing = Missing::find(self.listeners.iter().map(|listening| &*listening.plan), seen);
        let reads_all = missing.read.is_empty();
        if !self.tell_missing(missing) {
            return;
        }
        if self.first_seen.is_none() {
            self.first_seen = Some(Arc::clone(seen));
        }
        if existing.is_empty() || existing == self.subscribed {
            if existing.is_empty() && self.client.is_none() && reads_all {
                tracing::info!(cluster = %self.plan.cluster, group = %self.plan.group_id, "no topic matches the pattern yet");
            }
            return;
        }
        self.subscribed = existing;
        match self.phase {
            Phase::Waiting => self.connect(Instant::now()),
            Phase::Running => self.subscribe(),
            Phase::Rebuilding(_) | Phase::Closing(_) | Phase::Closed => {}
        }
    }

    /// Says which topics are missing; whether that is none of the application's end.
    fn tell_missing(&mut self, missing: Missing) -> bool {
        let (cluster, group) = (&self.plan.cluster, &self.plan.group_id);
        let mut wrong = missing.without(&self.promised_topics);
        if self.first_seen.is_some() {
            // It was there: its message waits until it is there again.
            wrong.written.clear();
        }
        if self.missing_topics == MissingTopics::Fail
            && let Some(problem) = wrong.problem(cluster)
        {
            self.signals.stop(RunErrorKind::Cluster, problem);
            return false;
        }
        if missing != self.missing {
            if !missing.read.is_empty() {
                let topics = missing.read.join(", ");
                tracing::warn!(%cluster, %group, topics, "topics do not exist yet: waiting for them");
            }
            let written = missing.without(&self.promised_topics).written;
            if !written.is_empty() {
                let topics = written.join(", ");
                tracing::warn!(
                    %cluster, %group, topics,
                    "topics that results go to do not exist: where the brokers create none by themselves, the first result waits for its topic, and its message with it; create them, or declare them in `[kafka.topics]`"
                );
            }
            self.missing = missing;
        }
        true
    }

    /// The topics to subscribe to: those named that exist, and those that patterns match.
    fn existing_topics(&self, seen: &TopicsSeen) -> Vec<Arc<str>> {
        seen.keys().filter(|topic| !self.listeners_of(topic).is_empty()).cloned().collect()
    }

    /// The cluster cannot be reached, or refuses us.
    pub(crate) fn unreachable(&mut self, reason: &str, refused: bool) {
        if !matches!(self.phase, Phase::Waiting) {
            return;
        }
        if refused {
            return self.signals.stop(
                RunErrorKind::Cluster,
                format!(
                    "cluster {} refuses us: {reason}; check the credentials and the security properties",
                    self.plan.cluster
                ),
            );
        }
        self.complain(reason);
    }

    /// Makes the client and subscribes.
    pub(super) fn connect(&mut self, now: Instant) {
        let partitions = self.subscribed.iter().map(|topic| {
            let count = self.seen.as_ref().and_then(|seen| seen.get(topic).copied()).unwrap_or(1);
            usize::try_from(count).unwrap_or(1)
        });
        let partitions = partitions.sum::<usize>().max(1);
        let prefetch = Prefetch::divide(self.plan.memory, partitions);
        self.batch_bytes = usize::try_from(prefetch.share / 4).unwrap_or(usize::MAX).clamp(16 * 1024, 4 * 1024 * 1024);
        tracing::info!(
            group = %self.plan.group_id, partitions,
            "prefetches at most {} KiB, even if all partitions are given to this process", prefetch.bound(partitions) / 1024
        );
        let properties = client_properties(&self.plan, &self.bootstrap, self.embedded, prefetch);
        let port = self.port.clone();
        let wake: millstream_native::Waker = Arc::new(move || port.inbox().wake());
        match Client::consumer(&ClientOptions { properties }, wake) {
            Ok(client) => {
                self.client = Some(client);
                self.phase = Phase::Running;
                self.subscribe();
            }
            Err(error) => {
                self.phase = Phase::Rebuilding(now + Duration::from_secs(3600));
                self.signals.stop(
                    RunErrorKind::Client,
                    format!(
                        "the client of group {} on cluster {} cannot be made: {error}",
                        self.plan.group_id, self.plan.cluster
                    ),
                );
            }
        }
    }

    fn subscribe(&mut self) {
        let topics: Vec<&str> = self.subscribed.iter().map(|topic| &**topic).collect();
        tracing::info!(
            cluster = %self.plan.cluster, group = %self.plan.group_id, topics = topics.join(", "),
            session = self.session(), "subscribing"
        );
        if let Some(Err(error)) = self.client.as_ref().map(|client| client.subscribe(&topics)) {
            tracing::error!(group = %self.plan.group_id, %error, "could not subscribe");
            return self.rebuild(&error.to_string(), Instant::now());
        }
        self.subscribed_at.get_or_insert_with(Instant::now);
    }

    /// How long the group waits for this member after a crash, in words.
    fn session(&self) -> String {
        if self.plan.protocol == GroupProtocol::Consumer {
            return "the broker's group.consumer.session.timeout.ms (45 s unless it says otherwise)".into();
        }
        let own = self.plan.properties.get("session.timeout.ms");
        let default = if self.embedded { "6000" } else { "10000" };
        format!("{} ms", own.map_or(default, String::as_str))
    }

    /// Lets a dead client go and makes the next one after a while.
    pub(super) fn rebuild(&mut self, reason: &str, now: Instant) {
        if matches!(self.phase, Phase::Closing(_) | Phase::Closed) {
            return;
        }
        self.rebalance = Rebalance::None;
        let keys: Vec<Key> = self.slots.keys().cloned().collect();
        for key in &keys {
            self.let_go(key);
        }
        if !keys.is_empty() {
            self.signals.event(Happened::Revoked {
                group_id: Arc::clone(&self.plan.group_id),
                partitions: keys,
                lost: true,
            });
        }
        if self.client.as_ref().is_some_and(|client| client.close_begin().is_ok()) {
            // A handler may keep the client for long, and nobody polls it any more: this answers the revocation that
            // closing raises, so that the group does not wait for a member that is not there.
            self.answer_assignment(&[]);
        }
        self.client = None;
        self.joined = false;
        self.subscribed_at = None;
        self.committer = crate::engine::committer::Committer::new(self.plan.commit_interval, now);
        let wait = Duration::from_millis(500 << self.rebuilds.min(3));
        self.rebuilds = self.rebuilds.saturating_add(1);
        self.phase = Phase::Rebuilding(now + wait);
        tracing::warn!(group = %self.plan.group_id, reason, ?wait, "the client died and is made anew");
        self.signals
            .event(Happened::Rebuilding { group_id: Arc::clone(&self.plan.group_id), reason: reason.to_owned() });
    }

    pub(super) fn client_error(&mut self, error: &NativeError, now: Instant) {
        if error.fatal || error.code == Code::FATAL {
            // The event itself says only that it is fatal.
            let cause = self.client.as_ref().and_then(Client::fatal_error).map_or(error.code, |(code, _)| code);
            if cause == Code::FENCED_INSTANCE_ID {
                let instance = self.plan.group_instance_id.as_deref().unwrap_or_default();
                return self.signals.stop(
                    RunErrorKind::Client,
                    format!(
                        "another process joined group {} as group_instance_id {instance:?}: give each process its own",
                        self.plan.group_id
                    ),
                );
            }
            self.tell_unfit(cause, error, now);
            return self.rebuild(&error.to_string(), now);
        }
        if self.tell_unfit(error.code, error, now) {
            return;
        }
        if is_refusal(error.code) && !*self.ready.borrow() {
            return self.signals.stop(RunErrorKind::Cluster, format!(
                "cluster {} refuses group {}: {error}; check the credentials, the security properties and the access rights",
                self.plan.cluster, self.plan.group_id
            ));
        }
        match error.code {
            code if is_refusal(code) => tracing::error!(
                cluster = %self.plan.cluster, group = %self.plan.group_id, %error,
                "the cluster refuses this group: check the credentials, the security properties and the access rights"
            ),
            Code::ALL_BROKERS_DOWN | Code::TRANSPORT | Code::RESOLVE | Code::TIMED_OUT => {
                self.complain(&error.to_string());
            }
            Code::MAX_POLL_EXCEEDED => tracing::error!(group = %self.plan.group_id, %error, "the member was evicted"),
            _ => tracing::warn!(group = %self.plan.group_id, %error, "the client reports an error"),
        }
    }

    /// Whether it is the group's protocol that does not fit: said at once, then now and then, as the join is tried on.
    fn tell_unfit(&mut self, code: Code, error: &NativeError, now: Instant) -> bool {
        // A member has been let in: what its later requests are refused for is another thing.
        if self.joined && code != Code::INCONSISTENT_GROUP_PROTOCOL {
            return false;
        }
        let Some(fix) = protocol::fix(code, self.plan.protocol) else { return false };
        if self.unfit.is_none_or(|at| now.duration_since(at) >= COMPLAINTS) {
            self.unfit = Some(now);
            tracing::error!(group = %self.plan.group_id, %error, fix, "the group cannot be joined");
        }
        true
    }

    /// The cluster is away: said at once, then now and then.
    fn complain(&mut self, reason: &str) {
        let now = Instant::now();
        if self.complained.is_some_and(|at| now.duration_since(at) < COMPLAINTS) {
            return;
        }
        self.complained = Some(now);
        self.reached = false;
        tracing::warn!(cluster = %self.plan.cluster, group = %self.plan.group_id, reason, "the cluster cannot be reached, trying on");
        self.signals.event(Happened::Disconnected {
            cluster: Arc::clone(&self.plan.cluster),
            group_id: Arc::clone(&self.plan.group_id),
            reason: reason.to_owned(),
        });
    }

    /// A driver died without being asked: its lane starts again from its frontier, a few times.
    pub(super) fn restart_driver(&mut self, lane: &Arc<Lane>, slot: u64, reader: usize, reason: &str) {
        let Some(slot) = self.slots.values_mut().find(|other| other.id == slot) else { return };
        let now = Instant::now();
        slot.restarts.retain(|at| now.duration_since(*at) < RESTARTS_WITHIN);
        slot.restarts.push(now);
        let listening = self.listeners.iter().find(|listening| listening.plan.id == lane.listener);
        let handler = listening.and_then(|listening| Some((listening, listening.plan.handler.clone()?)));
        let (Some((listening, listener)), true) = (handler, slot.restarts.len() <= RESTARTS) else {
            return self.signals.stop(
                RunErrorKind::Listener,
                format!(
                    "listener {} died on {}/{} again and again: {reason}",
                    lane.listener, lane.topic, lane.partition
                ),
            );
        };
        tracing::error!(
            listener = %lane.listener, topic = %lane.topic, partition = lane.partition, reason,
            "a lane died and is started again from its position"
        );
        let driver = Driver {
            lane: Arc::clone(lane),
            feed: Arc::clone(&slot.feed),
            reader,
            plan: Arc::clone(&listening.plan),
            listener,
            start: lane.frontier.offset().unwrap_or(0),
            ahead: None,
            opened: slot.opened(),
            turn: self.turns.of(&lane.listener, &slot.key),
            limit: listening.limit.clone(),
            gathering: listening.gathering.clone(),
            signals: Arc::clone(&self.signals),
            again: true,
        };
        slot.restart(driver, &self.runtime, &self.port);
    }
}
