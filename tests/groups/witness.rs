//! What the handlers of one or several members saw, in one order.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use harness::{Handled, Ledger};
use millstream::Context;

/// Sees every handler of the members that share it: when it begins, when it has succeeded, and whether two of them are
/// ever at work on one partition.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    log: Mutex<Vec<(String, Handled)>>,
    begun: Mutex<Vec<Handled>>,
    active: Mutex<BTreeMap<(String, i32), String>>,
    overlaps: Mutex<Vec<String>>,
}

/// A handler at work; it ends when it is dropped, however that comes.
pub(crate) struct AtWork<'witness> {
    witness: &'witness Witness,
    member: &'witness str,
    message: Handled,
}

impl Witness {
    pub(crate) fn begins<'witness>(&'witness self, member: &'witness str, ctx: &Context) -> AtWork<'witness> {
        let message = message(ctx);
        let partition = (message.topic.clone(), message.partition);
        if let Some(other) = lock(&self.active).insert(partition, member.to_owned()) {
            lock(&self.overlaps).push(format!("{member} began {message} while {other} was at work there"));
        }
        lock(&self.begun).push(message.clone());
        AtWork { witness: self, member, message }
    }

    /// The messages whose handlers have begun, in order.
    pub(crate) fn begun(&self) -> Vec<Handled> {
        lock(&self.begun).clone()
    }

    /// The messages that were handled by any member, in order.
    pub(crate) fn handled(&self) -> Vec<Handled> {
        lock(&self.log).iter().map(|(_, message)| message.clone()).collect()
    }

    /// The messages that one member handled, in order.
    pub(crate) fn handled_by(&self, member: &str) -> Vec<Handled> {
        let log = lock(&self.log);
        log.iter().filter(|(by, _)| by == member).map(|(_, message)| message.clone()).collect()
    }

    /// Everything as one run: the order of a partition must hold across members too.
    pub(crate) fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        ledger.add_run(self.handled());
        ledger
    }

    /// Fails when two handlers were ever at work on one partition.
    pub(crate) fn assert_no_overlap(&self) {
        let overlaps = lock(&self.overlaps);
        assert!(overlaps.is_empty(), "{overlaps:?}");
    }
}

impl AtWork<'_> {
    pub(crate) fn succeeded(self) {
        lock(&self.witness.log).push((self.member.to_owned(), self.message.clone()));
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        lock(&self.witness.active).remove(&(self.message.topic.clone(), self.message.partition));
    }
}

fn message(ctx: &Context) -> Handled {
    Handled { topic: ctx.topic().to_owned(), partition: ctx.partition(), offset: ctx.offset() }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
