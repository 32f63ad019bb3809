//! The control thread's mailbox, and how others reach it.

use super::lane::{Lane, Ticket};
use crate::context::CommitAnswer;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;

use super::control::Command;

/// Commands for the control thread, and whether it must look at its clients.
#[derive(Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    commands: Vec<Command>,
    woken: bool,
    closed: bool,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Inbox")
    }
}

impl Inbox {
    /// Sends a command.
    pub(crate) fn send(&self, command: Command) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return;
        }
        state.commands.push(command);
        state.woken = true;
        drop(state);
        self.changed.notify_one();
    }

    /// Makes the control thread look at its clients. Short and without allocation: it is called under
    /// locks of librdkafka.
    pub(crate) fn wake(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.woken {
            state.woken = true;
            drop(state);
            self.changed.notify_one();
        }
    }

    /// The control thread has ended: what is sent from now on is dropped, so that nobody waits for an answer.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        let commands = std::mem::take(&mut state.commands);
        drop(state);
        drop(commands);
    }

    /// Waits until there is something to do or the time has come; gives the commands.
    pub(crate) fn wait(&self, until: Instant) -> Vec<Command> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.woken {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                break;
            };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.woken = false;
        std::mem::take(&mut state.commands)
    }
}

/// How lanes reach the subscription they belong to.
#[derive(Clone)]
pub(crate) struct SubscriptionPort {
    inbox: Arc<Inbox>,
    subscription: usize,
    commit_wanted: Arc<AtomicBool>,
}

impl SubscriptionPort {
    pub(crate) fn new(inbox: Arc<Inbox>, subscription: usize) -> Self {
        Self { inbox, subscription, commit_wanted: Arc::default() }
    }

    pub(crate) fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    pub(crate) fn subscription(&self) -> usize {
        self.subscription
    }

    /// Asks for a send of positions now; cheap when one is asked for already.
    pub(crate) fn commit_wanted(&self) {
        if !self.commit_wanted.swap(true, Ordering::AcqRel) {
            self.inbox.wake();
        }
    }

    /// Whether somebody asked since the last call.
    pub(crate) fn take_commit_wanted(&self) -> bool {
        self.commit_wanted.load(Ordering::Relaxed) && self.commit_wanted.swap(false, Ordering::AcqRel)
    }

    /// Asks for a partition to be read again whose reading librdkafka has ended.
    pub(crate) fn read_again(&self, topic: &Arc<str>, partition: i32, offset: i64) {
        let topic = Arc::clone(topic);
        self.inbox.send(Command::ReadAgain { subscription: self.subscription, topic, partition, offset });
    }

    /// Asks for the answer to the verb with this ticket.
    pub(crate) fn await_answer(&self, lane: Arc<Lane>, ticket: Ticket, sender: oneshot::Sender<CommitAnswer>) {
        self.inbox.send(Command::AwaitAnswer { subscription: self.subscription, lane, ticket, sender });
    }
}
