//! Runs many messages of one partition at once, where the listener allows another order than the partition's.
//!
//! One task a partition, as for the ordered driver. It pulls messages to its desk and runs workers, which take from there:
//! `desk/` knows what may run, `worker.rs` calls the listener, `outcome.rs` does what the failure policy says, and the
//! lane's [window](super::window) what the position is.

mod answers;
mod batches;
mod desk;
mod item;
mod letters;
mod outcome;
mod requests;
mod worker;

pub(crate) use batches::work_in_batches;
pub(crate) use desk::Desk;
pub(crate) use worker::work;

use letters::Letters;

use super::driver::{Driver, Recovery};
use super::feed::Pulled;
use super::lane::LaneState;
use super::limit::{Limit, Permit};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait before looking again whether the process has room for more messages.
const FULL: Duration = Duration::from_millis(50);

type Worker<'w> = Pin<Box<dyn Future<Output = ()> + Send + 'w>>;
type Waiting = Pin<Box<dyn Future<Output = Option<Permit>> + Send>>;

/// A driver at work.
struct Wide<'d> {
    driver: &'d Driver,
    desk: &'d Desk,
    limit: Arc<Limit>,
    at_once: usize,
    workers: FuturesUnordered<Worker<'d>>,
    /// In the queue for a permit.
    waiting: Option<Waiting>,
    /// Where pulling goes on.
    next: i64,
    /// The last pull gave nothing, and nothing has come since.
    dry: bool,
    /// Somebody paused the lane.
    paused: bool,
    /// The feed must go to another offset.
    moving: Option<Move>,
}

#[derive(Clone, Copy)]
struct Move {
    to: i64,
    /// Not before.
    at: Instant,
    /// Messages that were handed out may come again: not before all in hand has ended.
    back: bool,
}

impl Move {
    fn is_due(self, workers: &FuturesUnordered<Worker<'_>>) -> bool {
        workers.is_empty() || !self.back
    }
}

/// Runs a lane until it is stopped.
pub(crate) async fn run(driver: &Driver) {
    let Some(limit) = driver.limit.clone() else { return };
    let desk = Desk::new(driver);
    let mut wide = Wide {
        driver,
        desk: &desk,
        at_once: limit.count(),
        limit,
        workers: FuturesUnordered::new(),
        waiting: None,
        next: driver.start,
        dry: false,
        paused: false,
        moving: None,
    };
    if driver.again {
        desk.reset(driver.start);
        wide.go_back(driver.start);
    }
    match driver.signals.paused_listener(&driver.lane.listener) {
        Some(reason) => wide.pause(reason),
        None => driver.lane.set_state(LaneState::Running),
    }
    wide.until_stopped().await;
}

/// What the driver waits for besides its workers.
enum Woken {
    Asked,
    Readable,
    Due,
    Moved,
    Permit(Option<Permit>),
    Workers,
}

impl Wide<'_> {
    async fn until_stopped(&mut self) {
        let requests = self.driver.lane.requests();
        while !requests.stopping() {
            for request in requests.take() {
                self.request(request);
            }
            if self.moving.is_some_and(|moving| moving.at <= Instant::now() && moving.is_due(&self.workers))
                && !self.paused
            {
                self.go_to().await;
            }
            let due = self.desk.due();
            self.pull().await;
            self.queue_for_permit();
            match self.woken(due).await {
                Woken::Permit(permit) => {
                    self.waiting = None;
                    if let Some(permit) = permit {
                        self.start_worker(permit);
                    }
                }
                Woken::Readable => self.dry = false,
                Woken::Asked | Woken::Due | Woken::Moved | Woken::Workers => {}
            }
        }
        self.desk.close();
        self.desk.with_letters(Letters::stop_all);
        self.waiting = None;
        // Handlers in hand end; what waits for a retry comes again elsewhere.
        while self.driver.lane.watch_polls(self.workers.next()).await.is_some() {}
        self.driver.feed.leave(self.driver.reader);
    }

    /// Waits until there is something to decide; meanwhile workers work, and more of them as long as there are
    /// messages and permits.
    async fn woken(&mut self, due: Option<Instant>) -> Woken {
        let Self { driver, desk, limit, workers, waiting, dry, moving, paused, .. } = self;
        let moving = moving.filter(|moving| moving.is_due(workers) && !*paused).map(|moving| moving.at);
        let queued = waiting.is_some();
        let work = poll_fn(|task| {
            let mut ended = false;
            loop {
                match workers.poll_next_unpin(task) {
                    Poll::Ready(Some(())) => {
                        ended = true;
                        continue;
                    }
                    Poll::Ready(None) | Poll::Pending => {}
                }
                // A worker would end at once: the driver is asked for something.
                if driver.lane.requests().any() {
                    return Poll::Ready(Woken::Asked);
                }
                if queued || !desk.has_work() {
                    break;
                }
                match limit.try_acquire() {
                    Some(permit) => workers.push(driver.listener.work(desk, permit)),
                    // The driver queues for one.
                    None => return Poll::Ready(Woken::Workers),
                }
            }
            if ended | desk.take_changed() { Poll::Ready(Woken::Workers) } else { Poll::Pending }
        });
        let work = driver.lane.watch_polls(work);
        let permit = async {
            match waiting {
                Some(waiting) => waiting.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            woken = work => woken,
            permit = permit => Woken::Permit(permit),
            () = driver.lane.requests().changed() => Woken::Asked,
            () = driver.feed.readable(driver.reader), if *dry => Woken::Readable,
            () = sleep_until(due) => Woken::Due,
            () = sleep_until(moving) => Woken::Moved,
            () = tokio::time::sleep(FULL), if !driver.lane.has_room() => Woken::Due,
        }
    }

    fn start_worker(&mut self, permit: Permit) {
        self.workers.push(self.driver.listener.work(self.desk, permit));
    }

    /// Joins the queue for a permit when there is work and no permit is free.
    fn queue_for_permit(&mut self) {
        if self.waiting.is_none() && self.desk.has_work() {
            match self.limit.try_acquire() {
                Some(permit) => self.start_worker(permit),
                None => self.waiting = Some(Box::pin(Arc::clone(&self.limit).acquire())),
            }
        }
    }

    /// Brings messages to the desk, as many as it has room for.
    async fn pull(&mut self) {
        let Driver { feed, reader, lane, .. } = self.driver;
        while !self.dry && self.moving.is_none() && self.desk.wants_more(self.at_once) {
            match feed.pull(*reader, self.next) {
                Pulled::Batch(batch, index) => {
                    let last = batch.len().checked_sub(1).and_then(|last| batch.get(last));
                    self.next = last.map_or(self.next, |last| self.next.max(last.offset().saturating_add(1)));
                    self.driver.enter_leader_epoch(&batch);
                    self.desk.push(batch, index);
                    // Other partitions of this thread have their turn once a batch.
                    tokio::task::yield_now().await;
                }
                Pulled::Nothing => self.dry = true,
                Pulled::Trouble(error) => match beside(&mut self.workers, self.driver.recover(&error, self.next)).await
                {
                    Recovery::Again { to, after } => {
                        self.moving = Some(Move { to, at: Instant::now() + after, back: false });
                    }
                    Recovery::Moved { to } => {
                        if to >= self.next {
                            // What is in hand is handled all the same.
                            self.desk.pass_over_lost(to);
                            self.moving = Some(Move { to, at: Instant::now(), back: false });
                        } else {
                            // A shorter log holds other messages.
                            self.desk.reset(to);
                            self.go_back(to);
                        }
                        lane.commit_soon();
                    }
                    Recovery::Pause { reason } => {
                        self.moving = Some(Move { to: self.next, at: Instant::now(), back: false });
                        self.pause(reason);
                    }
                },
            }
        }
    }

    /// Has the feed go elsewhere once everything in hand has ended; nothing is handed out until then.
    fn go_back(&mut self, to: i64) {
        self.desk.close();
        self.moving = Some(Move { to, at: Instant::now(), back: true });
    }

    async fn go_to(&mut self) {
        let Some(moving) = self.moving.take() else { return };
        match beside(&mut self.workers, self.driver.go_to(moving.to)).await {
            Ok(()) => {
                self.next = moving.to;
                self.dry = false;
                self.desk.open();
            }
            Err(after) => self.moving = Some(Move { at: Instant::now() + after, ..moving }),
        }
    }
}

/// Waits for something while workers go on.
async fn beside<T>(workers: &mut FuturesUnordered<Worker<'_>>, waited_for: impl Future<Output = T>) -> T {
    let mut waited_for = pin!(waited_for);
    poll_fn(|task| {
        while let Poll::Ready(Some(())) = workers.poll_next_unpin(task) {}
        waited_for.as_mut().poll(task)
    })
    .await
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
