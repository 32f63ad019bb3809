//! The control thread: it serves every client of the application, so that no handler, however long it
//! keeps its thread, delays a heartbeat, a rebalance or a commit.

use super::inbox::Inbox;
use super::lane::{Lane, Ticket};
use super::subscription::Subscription;
use super::watch::TopicsSeen;
use crate::context::CommitAnswer;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Clients are looked at this often even if nobody woke us: it counts for `max.poll.interval.ms`.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// What the control thread is told.
pub(crate) enum Command {
    /// A handler awaits the broker's answer to its verb.
    AwaitAnswer { subscription: usize, lane: Arc<Lane>, ticket: Ticket, sender: oneshot::Sender<CommitAnswer> },
    /// A driver has ended: its handlers are gone.
    DriverEnded { subscription: usize, slot: u64, reader: usize, panicked: bool },
    /// librdkafka has ended the reading of a partition: it is to be read again from this offset.
    ReadAgain { subscription: usize, topic: Arc<str>, partition: i32, offset: i64 },
    /// What topics a cluster has.
    Topics { cluster: Arc<str>, seen: TopicsSeen },
    /// A cluster could not be asked for its topics.
    Unreachable { cluster: Arc<str>, reason: String, refused: bool },
    /// Drain, commit, leave, end.
    Shutdown { deadline: Instant, done: oneshot::Sender<Drained> },
}

/// How the end went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drained {
    /// Handlers that had not ended by the deadline: listener, topic, partition.
    pub(crate) stragglers: Vec<(Arc<str>, Arc<str>, i32)>,
}

/// The thread's own state.
pub(crate) struct Control {
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) subscriptions: Vec<Subscription>,
}

impl Control {
    /// Runs until a shutdown has ended.
    pub(crate) fn run(mut self) {
        let mut ending: Option<oneshot::Sender<Drained>> = None;
        loop {
            let latest = Instant::now() + LONGEST_WAIT;
            let until = self.subscriptions.iter().map(Subscription::next_turn).fold(latest, Instant::min);
            for command in self.inbox.wait(until) {
                self.obey(command, &mut ending);
            }
            let now = Instant::now();
            for subscription in &mut self.subscriptions {
                subscription.turn(now);
            }
            if self.subscriptions.iter().all(Subscription::is_closed)
                && let Some(done) = ending.take()
            {
                let stragglers = self.subscriptions.iter().flat_map(Subscription::stragglers).collect();
                drop(done.send(Drained { stragglers }));
                return;
            }
        }
    }

    fn obey(&mut self, command: Command, ending: &mut Option<oneshot::Sender<Drained>>) {
        match command {
            Command::AwaitAnswer { subscription, lane, ticket, sender } => {
                if let Some(subscription) = self.subscriptions.get_mut(subscription) {
                    subscription.await_answer(lane, ticket, sender);
                }
            }
            Command::DriverEnded { subscription, slot, reader, panicked } => {
                if let Some(subscription) = self.subscriptions.get_mut(subscription) {
                    subscription.driver_ended(slot, reader, panicked);
                }
            }
            Command::ReadAgain { subscription, topic, partition, offset } => {
                if let Some(subscription) = self.subscriptions.get_mut(subscription) {
                    subscription.read_again(&(topic, partition), offset, Instant::now());
                }
            }
            Command::Topics { cluster, seen } => {
                for subscription in self.of_cluster(&cluster) {
                    subscription.topics_seen(&seen);
                }
            }
            Command::Unreachable { cluster, reason, refused } => {
                for subscription in self.of_cluster(&cluster) {
                    subscription.unreachable(&reason, refused);
                }
            }
            Command::Shutdown { deadline, done } => {
                for subscription in &mut self.subscriptions {
                    subscription.begin_close(deadline);
                }
                *ending = Some(done);
            }
        }
    }

    fn of_cluster<'a>(&'a mut self, cluster: &'a Arc<str>) -> impl Iterator<Item = &'a mut Subscription> {
        self.subscriptions.iter_mut().filter(move |subscription| subscription.cluster() == cluster)
    }
}
