//! Where charges are written down.

use crate::clock::Clock;
use crate::order::{Order, Refund};
use millstream::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Stands for a database: it keeps everything in memory.
pub struct Ledger {
    entries: Mutex<BTreeMap<u64, Entry>>,
    clock: Arc<dyn Clock>,
    /// How many calls are still refused, as a database does that is away.
    outage: AtomicU32,
}

/// What the ledger knows about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who pays.
    pub customer: String,
    /// What was charged and not paid back.
    pub cents: u64,
    /// In which currency.
    pub currency: String,
    /// When it was charged.
    pub at: SystemTime,
}

/// Why something was not written down.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LedgerError {
    /// The ledger is away; it is worth trying again.
    #[error("the ledger is away")]
    Away,
    /// There is nothing to pay back.
    #[error("order {0} was never charged")]
    UnknownOrder(u64),
}

#[component]
impl Ledger {
    async fn init(#[config("billing.database")] url: String, clock: Arc<dyn Clock>) -> Result<Self> {
        if url != "memory:" {
            return Err(Error::terminal("this example has no other database than `memory:`"));
        }
        Ok(Self::new(clock))
    }

    async fn shutdown(&self) -> Result<()> {
        tracing::info!(orders = self.lock().len(), "the ledger is closed");
        Ok(())
    }
}

impl Ledger {
    /// An empty ledger, for tests.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { entries: Mutex::default(), clock, outage: AtomicU32::new(0) }
    }

    /// Refuses this many calls.
    pub fn be_away_for(&self, calls: u32) {
        self.outage.store(calls, Ordering::Relaxed);
    }

    /// Charges an order. Messages come at least once: an order that was charged stays as it is.
    pub async fn charge(&self, order: &Order, currency: &str) -> Result<(), LedgerError> {
        self.reach()?;
        self.lock().entry(order.id).or_insert_with(|| Entry {
            customer: order.customer.clone(),
            cents: order.cents,
            currency: currency.to_owned(),
            at: self.clock.now(),
        });
        Ok(())
    }

    /// Pays back.
    pub async fn refund(&self, refund: &Refund) -> Result<(), LedgerError> {
        self.reach()?;
        let mut entries = self.lock();
        let entry = entries.get_mut(&refund.order).ok_or(LedgerError::UnknownOrder(refund.order))?;
        entry.cents = entry.cents.saturating_sub(refund.cents);
        Ok(())
    }

    /// What is known about an order.
    pub fn entry(&self, order: u64) -> Option<Entry> {
        self.lock().get(&order).cloned()
    }

    fn reach(&self) -> Result<(), LedgerError> {
        let away = self.outage.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |calls| calls.checked_sub(1));
        if away.is_ok() { Err(LedgerError::Away) } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
