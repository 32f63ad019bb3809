//! An assigned partition: its feed and its lanes, from the assignment until the last handler has ended.

use crate::engine::committer::Key;
use crate::engine::control::Command;
use crate::engine::driver::Driver;
use crate::engine::feed::Feed;
use crate::engine::inbox::SubscriptionPort;
use crate::engine::lane::Lane;
use futures_util::FutureExt;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, watch};
use tokio::task::AbortHandle;

/// Who may run a lane: held by its driver, so that the driver of a later assignment waits for it.
#[derive(Default)]
pub(super) struct Turns(HashMap<(Arc<str>, Key), Arc<Mutex<()>>>);

impl Turns {
    pub(super) fn of(&mut self, listener: &Arc<str>, key: &Key) -> Arc<Mutex<()>> {
        Arc::clone(self.0.entry((Arc::clone(listener), key.clone())).or_default())
    }
}

/// See the module.
pub(super) struct Slot {
    pub(super) id: u64,
    pub(super) key: Key,
    pub(super) feed: Arc<Feed>,
    /// When a driver of it died.
    pub(super) restarts: Vec<Instant>,
    lanes: Vec<Running>,
    opened: watch::Sender<bool>,
}

struct Running {
    lane: Arc<Lane>,
    task: Option<AbortHandle>,
    ended: bool,
}

impl Slot {
    pub(super) fn new(id: u64, key: Key, feed: Arc<Feed>) -> Self {
        Self { id, key, feed, restarts: Vec::new(), lanes: Vec::new(), opened: watch::channel(false).0 }
    }

    pub(super) fn opened(&self) -> watch::Receiver<bool> {
        self.opened.subscribe()
    }

    /// Starts a lane's driver.
    pub(super) fn start(&mut self, driver: Driver, runtime: &tokio::runtime::Handle, port: &SubscriptionPort) {
        let lane = Arc::clone(&driver.lane);
        let task = self.spawn(driver, runtime, port);
        self.lanes.push(Running { lane, task: Some(task), ended: false });
    }

    /// Starts a driver in the place of one that died.
    pub(super) fn restart(&mut self, driver: Driver, runtime: &tokio::runtime::Handle, port: &SubscriptionPort) {
        let reader = driver.reader;
        let task = self.spawn(driver, runtime, port);
        if let Some(running) = self.lanes.get_mut(reader) {
            running.task = Some(task);
            running.ended = false;
        }
    }

    fn spawn(&self, driver: Driver, runtime: &tokio::runtime::Handle, port: &SubscriptionPort) -> AbortHandle {
        let reader = driver.reader;
        let ended = Ended { inbox: port.clone(), slot: self.id, reader, panicked: true };
        let task = runtime.spawn(async move {
            // Named whole, so that the task owns it and drops it when it is aborted.
            let mut ended = ended;
            let result = AssertUnwindSafe(driver.run()).catch_unwind().await;
            ended.panicked = result.is_err();
        });
        task.abort_handle()
    }

    /// The broker holds the start: the lanes may begin.
    pub(super) fn open(&self) {
        self.opened.send_replace(true);
    }

    pub(super) fn is_open(&self) -> bool {
        *self.opened.borrow()
    }

    pub(super) fn lanes(&self) -> impl Iterator<Item = &Arc<Lane>> {
        self.lanes.iter().map(|running| &running.lane)
    }

    /// Asks every driver to end after the message in hand.
    pub(super) fn stop(&self) {
        self.lanes().for_each(|lane| lane.requests().stop());
    }

    /// What the handlers do from now on no longer counts, and they are told so.
    pub(super) fn fence(&self) {
        for running in &self.lanes {
            running.lane.revoke();
            if !running.ended {
                running.lane.cancellation.cancel();
            }
        }
    }

    /// Ends the handlers where they are.
    pub(super) fn abort(&self) {
        for running in &self.lanes {
            if let Some(task) = &running.task {
                task.abort();
            }
        }
    }

    /// A driver has ended; the lane if it was not asked to.
    pub(super) fn ended(&mut self, reader: usize) -> Option<&Arc<Lane>> {
        let running = self.lanes.get_mut(reader)?;
        running.ended = true;
        running.task = None;
        (!running.lane.requests().stopping()).then_some(&running.lane)
    }

    pub(super) fn all_ended(&self) -> bool {
        self.lanes.iter().all(|running| running.ended)
    }

    pub(super) fn running(&self) -> impl Iterator<Item = &Arc<Lane>> {
        self.lanes.iter().filter(|running| !running.ended).map(|running| &running.lane)
    }
}

/// Tells the control thread that a driver is gone, also when it was aborted.
struct Ended {
    inbox: SubscriptionPort,
    slot: u64,
    reader: usize,
    panicked: bool,
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.inbox.inbox().send(Command::DriverEnded {
            subscription: self.inbox.subscription(),
            slot: self.slot,
            reader: self.reader,
            panicked: self.panicked,
        });
    }
}
