//! Runs one lane: pulls, hands to the handlers, and does what the failure policy says.

mod answers;
mod batches;
mod before;
mod joining;
mod letters;
mod outcome;
mod position;
mod requests;

pub(crate) use position::Recovery;

use batches::Batching;
use before::Before;
use letters::Writing;

use super::batch::Gathering;
use super::dispatch::{BoundListener, Run, RunEnd, catch_panics};
use super::feed::{Feed, Pulled};
use super::lane::{Lane, LaneState};
use super::limit::{Limit, Permit};
use super::metadata::Ahead;
use super::signals::Signals;
use super::wide;
use crate::answer::Replies;
use crate::listener::Failure;
use crate::plan::ListenerPlan;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch};
use tokio::time::Instant;

/// How long to wait before a native call that failed is repeated.
const TROUBLE_WAIT: Duration = Duration::from_millis(500);

/// What a driver is made of.
pub(crate) struct Driver {
    pub(crate) lane: Arc<Lane>,
    pub(crate) feed: Arc<Feed>,
    /// Which of the feed's readers it is.
    pub(crate) reader: usize,
    pub(crate) plan: Arc<ListenerPlan>,
    pub(crate) listener: Arc<dyn BoundListener>,
    /// Where it begins.
    pub(crate) start: i64,
    /// The group's position said that this listener is beyond it.
    pub(crate) ahead: Option<Ahead>,
    /// True when the broker holds the start.
    pub(crate) opened: watch::Receiver<bool>,
    /// Held while the lane has a driver: the next assignment of the partition waits for the last handler
    /// of this one.
    pub(crate) turn: Arc<AsyncMutex<()>>,
    /// How many handlers of the listener run at once.
    pub(crate) limit: Option<Arc<Limit>>,
    /// Where it meets the other partitions of the listener, if their messages come together.
    pub(crate) gathering: Option<Arc<Gathering>>,
    pub(crate) signals: Arc<Signals>,
    /// Its predecessor died: the feed must go back to where this one begins.
    pub(crate) again: bool,
}

/// Why a lane does not run at the moment.
enum Hold {
    /// It does.
    None,
    /// A retry is due then.
    Until(Instant),
    /// The message in turn is on its way to another topic.
    Writing(Box<Writing>),
    /// The answer to the message in turn is being sent.
    Answering(Box<Replies>),
    /// Until somebody resumes it.
    Paused {
        /// Whether the message in turn failed, so that going on means trying it again.
        failed: bool,
        /// The message in turn had moved back to there: going on begins there.
        back_to: Option<i64>,
        /// What is still to be written for the message in turn.
        kept: Option<Kept>,
    },
}

/// What is still to be written for a message that is not handled again.
enum Kept {
    Answer(Box<Replies>),
    Letter(Box<Writing>),
}

impl Kept {
    fn hold(self) -> Hold {
        match self {
            Self::Answer(replies) => Hold::Answering(replies),
            Self::Letter(writing) => Hold::Writing(writing),
        }
    }
}

/// The feed must go to another offset before anything is pulled.
#[derive(Clone, Copy)]
struct Move {
    to: i64,
    /// Not before.
    at: Instant,
}

impl Driver {
    /// Runs until the lane is stopped. Dropping it lets go of everything without settling anything.
    pub(crate) async fn run(self) {
        let Some(_turn) = self.begin().await else { return };
        // Boxed, as the kinds differ in size and only one of them runs.
        if self.lane.is_wide() {
            Box::pin(wide::run(&self)).await;
        } else {
            Box::pin(self.run_in_order()).await;
        }
        self.lane.set_state(LaneState::Ended);
    }

    /// Waits for the turn of the lane and for the start that the broker must hold; `None` if it is stopped before.
    async fn begin(&self) -> Option<OwnedMutexGuard<()>> {
        let requests = self.lane.requests();
        let turn = loop {
            tokio::select! {
                turn = Arc::clone(&self.turn).lock_owned() => break turn,
                () = requests.changed() => if requests.stopping() { return None },
            }
        };
        let mut opened = self.opened.clone();
        while !*opened.borrow_and_update() {
            tokio::select! {
                changed = opened.changed() => if changed.is_err() { return None },
                () = requests.changed() => if requests.stopping() { return None },
            }
        }
        Some(turn)
    }

    /// The messages that are to be settled without being handled, and why.
    pub(crate) fn skips(&self) -> BTreeMap<i64, String> {
        let skips = self.plan.skip_offsets.iter();
        skips
            .filter(|skip| *skip.topic == *self.lane.topic && skip.partition == self.lane.partition)
            .map(|skip| (skip.offset, "`skip_offsets` of the configuration names it".to_owned()))
            .collect()
    }

    /// One message after the other, in the order of the partition.
    pub(crate) async fn run_in_order(&self) {
        let mut run = Run::new(Arc::clone(&self.lane), self.start, self.plan.auto_commit, self.plan.timeout);
        run.skips = self.skips();
        let batching = self.plan.batch.clone().map(Batching::new);
        let mut work = Work {
            driver: self,
            run,
            hold: Hold::None,
            moving: None,
            ahead: self.ahead,
            batching,
            written: BTreeSet::new(),
            stage: None,
            since: None,
        };
        if let Some(reason) = self.signals.paused_listener(&self.lane.listener) {
            work.pause(self.start, reason, false);
        } else {
            self.lane.set_state(LaneState::Running);
        }
        if self.again {
            work.moving = Some(Move { to: self.start, at: Instant::now() });
        }
        work.until_stopped().await;
    }
}

/// A driver at work.
struct Work<'d> {
    driver: &'d Driver,
    run: Run,
    hold: Hold,
    /// Kept while the lane is held: it still stands when the lane goes on.
    moving: Option<Move>,
    ahead: Option<Ahead>,
    /// Where the listener takes several messages at once.
    batching: Option<Batching>,
    /// Messages that stand in another topic and come again after a rewind: they are passed over.
    written: BTreeSet<i64>,
    /// On a retry topic: which of the listener's the message in turn is in.
    stage: Option<usize>,
    /// When the first attempt at the message in turn failed, in milliseconds since 1970.
    since: Option<i64>,
}

impl Work<'_> {
    async fn until_stopped(&mut self) {
        let requests = self.driver.lane.requests();
        while !requests.stopping() {
            for request in requests.take() {
                self.request(request).await;
            }
            match &self.hold {
                Hold::None => {
                    if let Some(Move { to, at }) = self.moving {
                        let due = tokio::select! {
                            () = tokio::time::sleep_until(at) => true,
                            () = requests.changed() => false,
                        };
                        if due {
                            self.move_to(to).await;
                        }
                        continue;
                    }
                    if let Some(mut batching) = self.batching.take() {
                        self.handle_batch(&mut batching).await;
                        self.batching = Some(batching);
                        continue;
                    }
                    if !self.run.has_message() && !self.pull().await {
                        continue;
                    }
                    self.handle().await;
                }
                Hold::Until(at) => tokio::select! {
                    () = tokio::time::sleep_until(*at) => self.go_on(),
                    () = requests.changed() => {}
                },
                Hold::Writing(_) => self.write_letter().await,
                Hold::Answering(_) => drop(self.write_answer(&|| {}).await),
                Hold::Paused { .. } => requests.changed().await,
            }
        }
        self.run.unload();
        self.driver.feed.leave(self.driver.reader);
    }

    /// Takes the next batch in hand; whether there is one.
    async fn pull(&mut self) -> bool {
        let Driver { feed, reader, lane, .. } = self.driver;
        if let Some(batch) = self.run.unload() {
            feed.give_back(batch);
            // Other partitions of this worker have their turn once a batch.
            tokio::task::yield_now().await;
        }
        match feed.pull(*reader, self.run.next) {
            Pulled::Batch(batch, index) => {
                self.driver.enter_leader_epoch(&batch);
                self.run.load(batch, index);
                self.skip_what_was_ahead();
                self.run.has_message()
            }
            Pulled::Nothing => {
                tokio::select! {
                    () = feed.readable(*reader) => {}
                    () = lane.requests().changed() => {}
                }
                false
            }
            Pulled::Trouble(error) => {
                self.trouble(error).await;
                false
            }
        }
    }

    /// Hands the messages in hand to the listener, and decides about the one that ended the run.
    async fn handle(&mut self) {
        let Ok(permit) = self.permit().await else { return };
        let mut before = match self.before().await {
            Before::Not => return,
            before => before,
        };
        let run = self.driver.listener.run(&mut self.run);
        let end = self.driver.lane.watch_polls(catch_panics(run)).await;
        match end {
            RunEnd::Finished => before.survived(),
            RunEnd::Interrupted => {}
            RunEnd::Answered => {
                let Some(replies) = self.run.take_replies() else { return };
                let is_made = !replies.draws();
                self.hold = Hold::Answering(replies);
                if is_made {
                    // It is sent without what a handler needs: others must not wait for its topic.
                    return before.survived();
                }
                let held = Mutex::new(Some((permit, before)));
                let let_go = || {
                    if let Some((_, mut before)) = held.lock().unwrap_or_else(PoisonError::into_inner).take() {
                        before.survived();
                    }
                };
                if self.write_answer(&let_go).await {
                    let_go();
                }
            }
            RunEnd::Skip => {
                if let Some(offset) = self.run.offset() {
                    let reason = self.run.skips.remove(&offset).unwrap_or_default();
                    self.skip(offset, reason);
                }
            }
            RunEnd::Failed { failure } => self.failed(failure.as_deref().unwrap_or(&Failure::Rewind)),
        }
    }

    async fn permit(&self) -> Result<Option<Permit>, ()> {
        let Some(limit) = &self.driver.limit else { return Ok(None) };
        tokio::select! {
            permit = Arc::clone(limit).acquire() => Ok(permit),
            () = self.driver.lane.requests().changed() => Err(()),
        }
    }

    /// What was started before no longer counts.
    fn new_epoch(&mut self) {
        let epoch = self.driver.lane.raise_epoch();
        self.run.context.set_epoch(epoch);
    }
}
