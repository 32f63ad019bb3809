//! What listeners write and the server reads.

use millstream::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How much each customer has ordered; one value for listeners and server.
#[component]
pub struct Totals {
    #[default]
    cents: Mutex<BTreeMap<String, u64>>,
}

impl Totals {
    /// Adds an order.
    pub fn add(&self, customer: &str, cents: u64) {
        let mut totals = self.lock();
        match totals.get_mut(customer) {
            Some(total) => *total = total.saturating_add(cents),
            None => drop(totals.insert(customer.to_owned(), cents)),
        }
    }

    /// How much everybody has ordered, in cents.
    pub fn all(&self) -> BTreeMap<String, u64> {
        self.lock().clone()
    }

    /// How much one customer has ordered, in cents.
    pub fn of(&self, customer: &str) -> Option<u64> {
        self.lock().get(customer).copied()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.cents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
