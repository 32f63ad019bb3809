//! What drivers and the control thread tell the application: events, a stop, pauses that outlive an
//! assignment.

use super::answering::Unasked;
use super::budget::Budget;
use super::lane::Lane;
use crate::app::RunErrorKind;
use crate::events::Event;
use crate::producer::Producers;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, watch};

/// How many events a slow listener to events may be behind.
const EVENTS: usize = 1024;

/// See the module.
pub(crate) struct Signals {
    events: broadcast::Sender<Event>,
    /// Why the application must stop.
    stop: watch::Sender<Option<(RunErrorKind, String)>>,
    /// Listeners that are paused on every partition, those to come too.
    paused: Mutex<BTreeMap<Arc<str>, String>>,
    /// The lanes of every assigned partition, by listener.
    lanes: Mutex<BTreeMap<Arc<str>, Vec<Arc<Lane>>>>,
    /// The results that nobody had asked for, by listener.
    unasked: Mutex<BTreeMap<Arc<str>, Arc<Unasked>>>,
    /// What the open messages of all lanes count against.
    pub(crate) budget: Arc<Budget>,
    /// Who sends dead letters and the like, by cluster.
    pub(crate) producers: Arc<Producers>,
}

impl Signals {
    /// `open_memory` is how many bytes of open messages the process may hold.
    pub(crate) fn new(open_memory: u64, producers: Arc<Producers>) -> Self {
        Self {
            producers,
            budget: Arc::new(Budget::new(open_memory)),
            events: broadcast::channel(EVENTS).0,
            stop: watch::channel(None).0,
            paused: Mutex::default(),
            lanes: Mutex::default(),
            unasked: Mutex::default(),
        }
    }

    pub(crate) fn event(&self, event: Event) {
        // Nobody listening is fine.
        drop(self.events.send(event));
    }

    pub(crate) fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// The application must stop because of this message.
    pub(crate) fn stop_application(&self, lane: &Lane, offset: i64, reason: &str) {
        let message = format!(
            "listener {} failed for good on {}/{} at offset {offset}, and `on_failure = \"stop\"`: {reason}",
            lane.listener, lane.topic, lane.partition
        );
        self.stop(RunErrorKind::Listener, message);
    }

    /// The application must stop; the first reason counts.
    pub(crate) fn stop(&self, kind: RunErrorKind, reason: String) {
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none();
            stop.get_or_insert((kind, reason));
            first
        });
    }

    pub(crate) fn stopped(&self) -> watch::Receiver<Option<(RunErrorKind, String)>> {
        self.stop.subscribe()
    }

    pub(crate) fn paused_listener(&self, listener: &str) -> Option<String> {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).get(listener).cloned()
    }

    pub(crate) fn set_paused(&self, listener: &Arc<str>, reason: Option<String>) {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        match reason {
            Some(reason) => drop(paused.insert(Arc::clone(listener), reason)),
            None => drop(paused.remove(listener)),
        }
    }

    /// The results of a listener that nobody had asked for, since the application began.
    pub(crate) fn unasked(&self, listener: &Arc<str>) -> Arc<Unasked> {
        let mut unasked = self.unasked.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(unasked.entry(Arc::clone(listener)).or_default())
    }

    pub(crate) fn add_lane(&self, lane: &Arc<Lane>) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.entry(Arc::clone(&lane.listener)).or_default().push(Arc::clone(lane));
    }

    pub(crate) fn remove_lane(&self, lane: &Arc<Lane>) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = lanes.get_mut(&lane.listener) {
            list.retain(|other| !Arc::ptr_eq(other, lane));
        }
    }

    pub(crate) fn lanes(&self, listener: &str) -> Vec<Arc<Lane>> {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.get(listener).cloned().unwrap_or_default()
    }
}
