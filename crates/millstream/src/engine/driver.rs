//! Runs one lane: pulls, hands to the handlers, and does what the failure policy says.

use super::dispatch::{BoundListener, Run, RunEnd};
use super::feed::{Feed, Pulled, is_lost_position};
use super::lane::{Called, Lane, LaneState, Request};
use super::metadata::Ahead;
use super::policy::{Handling, Returned, Step, decide};
use super::signals::Signals;
use super::start::nearest;
use crate::events::Event;
use crate::listener::Failure;
use crate::plan::{ListenerPlan, OnFailure, OnLostPosition};
use millstream_native::{Message, NativeError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};
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
    pub(crate) turn: Arc<Mutex<()>>,
    /// How many handlers of the listener run at once.
    pub(crate) limit: Option<Arc<Semaphore>>,
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
    /// Until somebody resumes it.
    Paused {
        /// Whether the message in turn failed, so that going on means trying it again.
        failed: bool,
    },
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
        let turn = Arc::clone(&self.turn);
        let requests = self.lane.requests();
        let _turn = loop {
            tokio::select! {
                turn = turn.lock() => break turn,
                () = requests.changed() => if requests.stopping() { return },
            }
        };
        let mut opened = self.opened.clone();
        while !*opened.borrow_and_update() {
            tokio::select! {
                changed = opened.changed() => if changed.is_err() { return },
                () = requests.changed() => if requests.stopping() { return },
            }
        }
        let mut run = Run::new(Arc::clone(&self.lane), self.start, self.plan.auto_commit, self.plan.timeout);
        run.skips = self
            .plan
            .skip_offsets
            .iter()
            .filter(|skip| *skip.topic == *self.lane.topic && skip.partition == self.lane.partition)
            .map(|skip| skip.offset)
            .collect();
        let mut work = Work { driver: &self, run, hold: Hold::None, moving: None, ahead: self.ahead };
        if let Some(reason) = self.signals.paused_listener(&self.lane.listener) {
            work.pause(self.start, reason, false);
        } else {
            self.lane.set_state(LaneState::Running);
        }
        if self.again {
            work.moving = Some(Move { to: self.start, at: Instant::now() });
        }
        work.until_stopped().await;
        self.lane.set_state(LaneState::Ended);
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
}

impl Work<'_> {
    async fn until_stopped(&mut self) {
        let requests = self.driver.lane.requests();
        while !requests.stopping() {
            for request in requests.take() {
                self.request(request).await;
            }
            match self.hold {
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
                    if !self.run.has_message() && !self.pull().await {
                        continue;
                    }
                    self.handle().await;
                }
                Hold::Until(at) => tokio::select! {
                    () = tokio::time::sleep_until(at) => self.go_on(),
                    () = requests.changed() => {}
                },
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
            self.leave_leader_epoch(&batch);
            feed.give_back(batch);
            // Other partitions of this worker have their turn once a batch.
            tokio::task::yield_now().await;
        }
        match feed.pull(*reader, self.run.next) {
            Pulled::Batch(batch, index) => {
                self.enter_leader_epoch(&batch);
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
        let Ok(_permit) = self.permit().await else { return };
        let end = self.driver.lane.watch_polls(self.driver.listener.run(&mut self.run)).await;
        match end {
            RunEnd::Finished | RunEnd::Interrupted => {}
            RunEnd::Skip => {
                if let Some(offset) = self.run.offset() {
                    self.skip(offset, "`skip_offsets` of the configuration, or the handle, asked for it".into());
                }
            }
            RunEnd::Failed { failure } => self.failed(failure.unwrap_or(Failure::Rewind)),
        }
    }

    async fn permit(&self) -> Result<Option<OwnedSemaphorePermit>, ()> {
        let Some(limit) = &self.driver.limit else { return Ok(None) };
        tokio::select! {
            permit = Arc::clone(limit).acquire_owned() => permit.map(Some).map_err(|_| ()),
            () = self.driver.lane.requests().changed() => Err(()),
        }
    }

    fn failed(&mut self, failure: Failure) {
        let lane = &self.driver.lane;
        let Some(offset) = self.run.offset() else { return };
        let handling = Handling {
            offset,
            called: self.run.context.verb().called(),
            returned: returned(&failure),
            attempt: self.run.attempts.next(offset),
            auto_commit: self.driver.plan.auto_commit,
        };
        match decide(handling, &self.driver.plan.failure, fastrand::f64()) {
            Step::Settle => {
                lane.frontier.set(offset + 1);
                self.run.pass(offset);
            }
            Step::SettleAndReport => {
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    error = %failure, "failed after it had committed the message: not tried again"
                );
                self.run.pass(offset);
            }
            Step::ReadOn => self.run.pass(offset),
            Step::Retry { offset: back_to, after } => {
                tracing::warn!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempt = handling.attempt, error = %failure, wait = ?after, "failed, trying again from offset {back_to}"
                );
                self.run.attempts.failed(offset, back_to);
                lane.set_state(LaneState::Retrying { offset, attempt: handling.attempt, reason: failure.to_string() });
                let at = Instant::now() + after;
                self.hold = Hold::Until(at);
                if !self.run.move_within_batch(back_to) {
                    self.run.unload();
                    self.moving = Some(Move { to: back_to, at });
                }
                self.new_epoch();
            }
            Step::Last(OnFailure::Pause) => {
                if let Called::Rewind(back_to) = handling.called {
                    self.run.attempts.failed(offset, back_to);
                }
                tracing::error!(
                    listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                    attempts = handling.attempt, error = %failure,
                    "failed for good: the partition is paused for this listener until it is resumed, or the message skipped"
                );
                self.pause(offset, failure.to_string(), true);
            }
            Step::Last(OnFailure::Skip) => self.skip(offset, failure.to_string()),
            Step::Last(OnFailure::Stop) => {
                self.pause(offset, failure.to_string(), true);
                self.driver.signals.stop_application(lane, offset, &failure.to_string());
            }
        }
    }

    /// Settles the message in turn without it having been handled.
    fn skip(&mut self, offset: i64, reason: String) {
        let lane = &self.driver.lane;
        tracing::warn!(
            listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, reason, "skipped"
        );
        lane.frontier.set(offset + 1);
        self.run.skips.remove(&offset);
        if self.run.offset() == Some(offset) {
            self.run.pass(offset);
        }
        self.driver.signals.event(Event::Skipped {
            listener: Arc::clone(&lane.listener),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            offset,
            reason,
        });
    }

    async fn request(&mut self, request: Request) {
        match request {
            Request::Seek(offset) => {
                self.run.attempts.clear();
                self.driver.lane.frontier.jump(offset);
                self.new_epoch();
                self.resumed();
                self.move_to(offset).await;
                self.driver.lane.commit_soon();
            }
            Request::Pause { reason } => {
                let offset = self.run.offset().unwrap_or(self.run.next);
                self.pause(offset, reason, false);
            }
            Request::Resume => {
                if let Hold::Paused { failed } = self.hold {
                    self.hold = Hold::None;
                    self.resumed();
                    if failed {
                        self.run.attempts.clear();
                    }
                }
            }
            Request::Skip { offset, reason } => {
                let paused_here = matches!(self.hold, Hold::Paused { failed: true }) && self.run.offset() == Some(offset);
                let retried_here = matches!(self.hold, Hold::Until(_)) && self.run.offset() == Some(offset);
                if paused_here || retried_here {
                    self.hold = Hold::None;
                    self.skip(offset, reason);
                    self.driver.lane.commit_soon();
                    self.resumed();
                } else if offset >= self.run.next {
                    self.run.skips.insert(offset);
                }
            }
        }
    }

    fn pause(&mut self, offset: i64, reason: String, failed: bool) {
        let lane = &self.driver.lane;
        // A pause on top of a failure does not make the failure forgotten.
        let failed = failed || matches!(self.hold, Hold::Paused { failed: true });
        self.hold = Hold::Paused { failed };
        lane.set_state(LaneState::Paused { offset, reason: reason.clone() });
        self.driver.signals.event(Event::Paused {
            listener: Arc::clone(&lane.listener),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            offset,
            reason,
        });
    }

    fn resumed(&self) {
        let lane = &self.driver.lane;
        let was_paused = matches!(lane.state(), LaneState::Paused { .. });
        lane.set_state(LaneState::Running);
        if was_paused {
            self.driver.signals.event(Event::Resumed {
                listener: Arc::clone(&lane.listener),
                topic: Arc::clone(&lane.topic),
                partition: lane.partition,
            });
        }
    }

    fn go_on(&mut self) {
        self.hold = Hold::None;
        self.driver.lane.set_state(LaneState::Running);
    }

    /// Makes `offset` the next message, within the batch in hand or by a seek.
    async fn move_to(&mut self, offset: i64) {
        self.go_on();
        self.moving = None;
        if self.run.move_within_batch(offset) {
            return;
        }
        self.run.unload();
        self.run.next = offset;
        let (feed, reader) = (Arc::clone(&self.driver.feed), self.driver.reader);
        // Waits for librdkafka's own thread, and others of this client wait with it: not on a worker.
        let moved = tokio::task::spawn_blocking(move || feed.go_to(reader, offset)).await;
        if let Err(error) = moved.map_err(|error| error.to_string()).and_then(|moved| moved.map_err(|error| error.to_string())) {
            let lane = &self.driver.lane;
            tracing::warn!(topic = %lane.topic, partition = lane.partition, offset, %error, "could not seek, trying again");
            self.moving = Some(Move { to: offset, at: Instant::now() + TROUBLE_WAIT });
        }
    }

    /// An error came in place of messages.
    async fn trouble(&mut self, error: NativeError) {
        let lane = &self.driver.lane;
        let position = self.run.next;
        if !is_lost_position(error.code) {
            // What follows the error may have been passed over by librdkafka (its issue 4844): begin again.
            tracing::warn!(topic = %lane.topic, partition = lane.partition, position, %error, "could not read, trying again");
            self.moving = Some(Move { to: position, at: Instant::now() + TROUBLE_WAIT });
            return;
        }
        let feed = Arc::clone(&self.driver.feed);
        let bounds = tokio::task::spawn_blocking(move || feed.bounds(Duration::from_secs(10))).await;
        let Ok(Ok((earliest, latest))) = bounds else {
            self.moving = Some(Move { to: position, at: Instant::now() + TROUBLE_WAIT });
            return;
        };
        if (earliest..=latest).contains(&position) {
            self.move_to(position).await;
            return;
        }
        let target = match self.driver.plan.on_lost_position {
            OnLostPosition::Nearest => Some(nearest(position, earliest, latest)),
            OnLostPosition::Latest => Some(latest),
            OnLostPosition::Pause => None,
        };
        let reason = format!("position {position} no longer exists: the log holds {earliest} to {latest}");
        tracing::error!(
            group = %lane.group_id, topic = %lane.topic, partition = lane.partition, position, earliest, latest,
            resumed_at = target, "the position no longer exists: what lay between is gone"
        );
        self.driver.signals.event(Event::PositionLost {
            group_id: Arc::clone(&lane.group_id),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            position,
            resumed_at: target,
        });
        match target {
            Some(target) => {
                lane.frontier.jump(target);
                self.move_to(target).await;
                self.driver.lane.commit_soon();
            }
            None => {
                self.moving = Some(Move { to: position, at: Instant::now() });
                self.pause(position, reason, true);
            }
        }
    }

    /// After the position said that this listener is beyond it: passes over what it had settled, unless
    /// the log was truncated since and these are other messages.
    fn skip_what_was_ahead(&mut self) {
        let Some(ahead) = self.ahead else { return };
        let until = self.driver.start.saturating_add(ahead.by);
        let Some(batch) = self.run.batch().cloned() else { return };
        while let Some(offset) = self.run.offset().filter(|offset| *offset < until) {
            let epoch = (0..batch.len()).filter_map(|index| batch.get(index)).find(|message| message.offset() == offset);
            let epoch = epoch.and_then(Message::leader_epoch);
            if epoch > ahead.leader_epoch {
                self.ahead = None;
                self.driver.lane.frontier.jump(offset);
                return;
            }
            self.run.pass(offset);
        }
        if self.run.has_message() {
            self.ahead = None;
        }
    }

    /// What is settled from now on may belong to another leader epoch: a position is sent without one
    /// until a whole batch of the new epoch was handled.
    fn enter_leader_epoch(&self, batch: &millstream_native::Batch) {
        let frontier = &self.driver.lane.frontier;
        if whole_epoch(batch) != Some(frontier.leader_epoch()) {
            frontier.enter(-1);
        }
    }

    fn leave_leader_epoch(&self, batch: &millstream_native::Batch) {
        if let Some(epoch) = whole_epoch(batch) {
            self.driver.lane.frontier.enter(epoch);
        }
    }

    /// What was started before no longer counts.
    fn new_epoch(&mut self) {
        let epoch = self.driver.lane.raise_epoch();
        self.run.context.set_epoch(epoch);
    }
}

/// The leader epoch that all messages of a batch have.
fn whole_epoch(batch: &millstream_native::Batch) -> Option<i32> {
    let first = batch.get(0)?.leader_epoch()?;
    let last = batch.get(batch.len().checked_sub(1)?)?.leader_epoch()?;
    (first == last).then_some(first)
}

fn returned(failure: &Failure) -> Returned {
    match failure {
        Failure::Rewind => Returned::Ok,
        failure if failure.is_terminal() => Returned::FailedForGood,
        _ => Returned::Failed,
    }
}
