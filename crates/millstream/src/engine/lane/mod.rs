//! A lane: what one listener and one assigned partition share between the handler's context, the driver
//! that runs the handlers and the control thread that commits.

mod requests;
mod verb;

pub(crate) use requests::{Request, Requests};
pub(crate) use verb::{Called, Verb};

use crate::context::{Attributes, Commit, CommitAnswer, CommitError};
use crate::engine::answering::Answering;
use crate::engine::budget::Budget;
use crate::engine::failing::guard::Guard;
use crate::engine::failing::retry_topics::Stage;
use crate::engine::finished::Finished;
use crate::engine::frontier::{Frontier, Position};
use crate::engine::inbox::SubscriptionPort;
use crate::engine::polls::Polls;
use crate::engine::window::{NO_EPOCH, Window};
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// One listener on one assigned partition, from its assignment to its revocation.
pub(crate) struct Lane {
    pub(crate) cluster: Arc<str>,
    pub(crate) group_id: Arc<str>,
    pub(crate) listener: Arc<str>,
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    pub(crate) attributes: Arc<Attributes>,
    pub(crate) cancellation: CancellationToken,
    pub(crate) frontier: Frontier,
    /// Its topic is one in which failed messages wait.
    pub(crate) stage: Option<Stage>,
    /// What is known of deaths of the process with the partition in hand.
    pub(crate) guard: Option<Arc<Guard>>,
    /// Whom its listener answers, if it does.
    pub(crate) answering: Option<Answering>,
    /// Which messages are open, where the listener handles several at once.
    window: Option<Mutex<Window>>,
    /// What all open messages of the process count against.
    budget: Option<Arc<Budget>>,
    /// Grows with every rewind and seek: what was started before no longer counts.
    epoch: AtomicU64,
    revoked: AtomicBool,
    /// How many verbs were called, so that an awaited one knows which sends carry it.
    changes: AtomicU64,
    requests: Requests,
    state: Mutex<LaneState>,
    polls: Polls,
    port: Port,
}

/// Names a verb that was called, for whoever awaits its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// How many verbs of the lane were called up to it.
    pub(crate) number: u64,
    /// The message it is about, where several are handled at once.
    pub(crate) message: Option<i64>,
}

/// What a lane is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum LaneState {
    /// It waits for its start to be held by the broker, or for an older handler to end.
    #[default]
    Starting,
    /// It handles what comes.
    Running,
    /// A message failed and is tried again.
    Retrying { offset: i64, attempt: u32, reason: String },
    /// A message failed for good or is to be answered, and the topic that is written then cannot be.
    Writing { offset: i64, topic: Arc<str>, error: String },
    /// It is held.
    Paused { offset: i64, reason: String },
    /// The partition was given back.
    Ended,
}

/// The facts that a lane is made with.
pub(crate) struct LaneFacts {
    pub(crate) cluster: Arc<str>,
    pub(crate) group_id: Arc<str>,
    pub(crate) listener: Arc<str>,
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    pub(crate) attributes: Arc<Attributes>,
}

/// Whom a lane tells about verbs.
pub(crate) enum Port {
    /// The control thread.
    Live(SubscriptionPort),
    /// A test.
    Recording(Mutex<Vec<Recorded>>),
}

/// A verb that a handler called on a context without a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded {
    /// `commit`, or `commit_offsets` with the next offset: the position became this.
    Commit(i64),
    /// `commit_offsets` with an offset that was not yet passed: the position went back to this.
    Rewind(i64),
    /// `seek`.
    Seek(i64),
    /// `pause`.
    Pause,
    /// `resume`.
    Resume,
}

impl Lane {
    pub(crate) fn new(facts: LaneFacts, port: Port) -> Self {
        Self {
            cluster: facts.cluster,
            group_id: facts.group_id,
            listener: facts.listener,
            topic: facts.topic,
            partition: facts.partition,
            attributes: facts.attributes,
            cancellation: CancellationToken::new(),
            frontier: Frontier::default(),
            stage: None,
            guard: None,
            answering: None,
            window: None,
            budget: None,
            epoch: AtomicU64::new(0),
            revoked: AtomicBool::new(false),
            changes: AtomicU64::new(0),
            requests: Requests::default(),
            state: Mutex::default(),
            polls: Polls::default(),
            port,
        }
    }

    /// A lane whose listener handles several messages at once.
    pub(crate) fn wide(facts: LaneFacts, port: Port, window: Window, budget: Arc<Budget>) -> Self {
        let mut lane = Self::new(facts, port);
        lane.window = Some(Mutex::new(window));
        lane.budget = Some(budget);
        lane
    }

    /// Whether the process may hold more messages.
    pub(crate) fn has_room(&self) -> bool {
        self.budget.as_ref().is_none_or(|budget| budget.has_room())
    }

    /// Whether several of its messages are handled at once.
    pub(crate) fn is_wide(&self) -> bool {
        self.window.is_some()
    }

    /// Looks at the open messages; `None` where one message is handled after the other.
    pub(crate) fn with_window<T>(&self, look: impl FnOnce(&mut Window) -> T) -> Option<T> {
        let mut window = self.window.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(look(&mut window))
    }

    /// Changes what is open: the position follows.
    pub(crate) fn change_window<T>(&self, change: impl FnOnce(&mut Window) -> T) -> Option<T> {
        self.with_window(|window| {
            let before = window.bytes();
            let result = change(window);
            // Under the lock, so that positions are published in the order of their changes.
            self.frontier.set(window.position());
            if let Some(budget) = self.budget.as_ref().filter(|_| before != window.bytes()) {
                budget.moved(before, window.bytes());
            }
            result
        })
    }

    /// The position as it is sent, and what is finished beyond it.
    pub(crate) fn snapshot(&self) -> Option<(Position, Option<Finished>)> {
        let Some(window) = &self.window else { return Some((self.frontier.read()?, None)) };
        let window = window.lock().unwrap_or_else(PoisonError::into_inner);
        Some((self.frontier.read()?, window.finished()))
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Starts a new epoch: what was started before no longer counts.
    pub(crate) fn raise_epoch(&self) -> u64 {
        self.epoch.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Ends the lane's right to commit.
    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Acquire)
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// A handler settles everything below `next`.
    pub(crate) fn commit(self: &Arc<Self>, epoch: u64, next: i64) -> Commit {
        self.moved(epoch, next, Recorded::Commit(next))
    }

    /// A message of a batch was settled by whom it was left to; the driver moves the position when all were.
    pub(crate) fn settled_in_batch(self: &Arc<Self>, epoch: u64, next: i64) -> Commit {
        match &self.port {
            Port::Recording(_) => self.commit(epoch, next),
            Port::Live(_) if self.is_revoked() || self.epoch() != epoch => Commit::failed(CommitError::revoked()),
            Port::Live(_) => Commit::in_memory(self.frontier.offset().unwrap_or_default()),
        }
    }

    /// A handler moves the position back to `offset`.
    pub(crate) fn rewind(self: &Arc<Self>, epoch: u64, offset: i64) -> Commit {
        self.moved(epoch, offset, Recorded::Rewind(offset))
    }

    fn moved(self: &Arc<Self>, epoch: u64, position: i64, recorded: Recorded) -> Commit {
        match &self.port {
            Port::Recording(records) => {
                records.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
                Commit::recorded(position)
            }
            Port::Live(port) => {
                if self.is_revoked() || self.epoch() != epoch {
                    return Commit::failed(CommitError::revoked());
                }
                let settled = self.change_window(|window| {
                    if let Recorded::Commit(next) = recorded {
                        window.settle(next - 1);
                        next - 1
                    } else {
                        window.reopen(position, NO_EPOCH, 0);
                        position
                    }
                });
                if settled.is_none() {
                    self.frontier.set(position);
                }
                let ticket = self.changes.fetch_add(1, Ordering::AcqRel) + 1;
                port.commit_wanted();
                Commit::issued(Arc::clone(self), Ticket { number: ticket, message: settled })
            }
        }
    }

    /// Commits what the guard says of a message that is to begin; waits until the broker holds it.
    pub(crate) async fn commit_mark(self: &Arc<Self>, offset: i64) -> Result<(), CommitError> {
        let number = self.changes.fetch_add(1, Ordering::AcqRel) + 1;
        self.commit_soon();
        let answer = self.answer(Ticket { number, message: Some(offset) }).await;
        answer.map_err(|_| CommitError::closed())?.map(drop)
    }

    /// The position moved by something else than a verb: it is sent now rather than at the interval.
    pub(crate) fn commit_soon(&self) {
        if let Port::Live(port) = &self.port {
            port.commit_wanted();
        }
    }

    /// Has the partition read again from `offset`, after librdkafka has ended its reading.
    pub(crate) fn read_again(&self, offset: i64) {
        if let Port::Live(port) = &self.port {
            port.read_again(&self.topic, self.partition, offset);
        }
    }

    /// Where the broker's answer to the verb with this ticket will arrive.
    pub(crate) fn answer(self: &Arc<Self>, ticket: Ticket) -> oneshot::Receiver<CommitAnswer> {
        let (sender, receiver) = oneshot::channel();
        match &self.port {
            Port::Live(port) => port.await_answer(Arc::clone(self), ticket, sender),
            Port::Recording(_) => drop(sender.send(Err(CommitError::closed()))),
        }
        receiver
    }

    pub(crate) fn request_seek(&self, offset: i64) {
        self.request(Request::Seek(offset.max(0)), Recorded::Seek(offset));
    }

    pub(crate) fn request_pause(&self) {
        self.request(Request::Pause { reason: "the handler asked for it".into() }, Recorded::Pause);
    }

    pub(crate) fn request_resume(&self) {
        self.request(Request::Resume, Recorded::Resume);
    }

    fn request(&self, request: Request, recorded: Recorded) {
        match &self.port {
            Port::Recording(records) => {
                records.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
            }
            Port::Live(_) => self.requests.push(request),
        }
    }

    /// What the driver is asked to do between two messages.
    pub(crate) fn requests(&self) -> &Requests {
        &self.requests
    }

    pub(crate) fn set_state(&self, state: LaneState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    pub(crate) fn state(&self) -> LaneState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes when a future's poll begins and ends, so that one that keeps its thread busy is seen.
    pub(crate) fn watch_polls<F: Future + Unpin>(&self, future: F) -> impl Future<Output = F::Output> {
        self.polls.watch(future)
    }

    /// The number of the poll that is running, if one is.
    pub(crate) fn running_poll(&self) -> Option<u64> {
        self.polls.running()
    }

    /// What a test's handler called.
    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        match &self.port {
            Port::Recording(records) => records.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Port::Live(_) => Vec::new(),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let held = self.with_window(|window| window.bytes());
        if let (Some(budget), Some(held)) = (&self.budget, held) {
            budget.moved(held, 0);
        }
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}/{}", self.listener, self.topic, self.partition)
    }
}
