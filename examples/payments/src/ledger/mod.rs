//! Where decisions are kept.

mod in_redis;

use crate::decision::Decision;
use in_redis::InRedis;
use millstream::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What was decided about each order. An entry is the charge: where a real service calls its bank, it hands over the
/// order's name as the bank's idempotency key.
pub struct Ledger {
    store: Store,
}

enum Store {
    InMemory(Mutex<BTreeMap<String, Decision>>),
    InRedis(InRedis),
}

/// `[payments.ledger]`.
#[derive(Clone, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum LedgerConfig {
    /// For one process, and as long as it runs.
    Memory {},
    /// For all processes, and over restarts.
    Redis {
        /// Such as `redis://user:password@host:6379/0`.
        url: String,
        /// The hash that holds the decisions, by order.
        key: String,
    },
}

#[component]
impl Ledger {
    async fn init(#[config("payments.ledger")] config: LedgerConfig) -> Result<Self> {
        let store = match config {
            LedgerConfig::Memory {} => Store::InMemory(Mutex::default()),
            LedgerConfig::Redis { url, key } => Store::InRedis(InRedis::new(&url, key)?),
        };
        Ok(Self { store })
    }
}

impl Ledger {
    /// Keeps a decision about an order, unless there is one; gives the one that stands.
    ///
    /// In one step: of several that ask at once all get the same. Dropping the future midway may have kept the decision
    /// or not.
    ///
    /// # Errors
    /// The store cannot be reached, or holds what is no decision.
    pub async fn decide(&self, order: &str, decision: Decision) -> Result<Decision> {
        match &self.store {
            Store::InMemory(decisions) => {
                let mut decisions = decisions.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(decisions.entry(order.to_owned()).or_insert(decision).clone())
            }
            Store::InRedis(decisions) => decisions.decide(order, &decision).await,
        }
    }

    /// All decisions, by order.
    ///
    /// # Errors
    /// As [`decide`](Self::decide).
    pub async fn decisions(&self) -> Result<BTreeMap<String, Decision>> {
        match &self.store {
            Store::InMemory(decisions) => Ok(decisions.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            Store::InRedis(decisions) => decisions.all().await,
        }
    }
}

#[cfg(test)]
mod tests;
