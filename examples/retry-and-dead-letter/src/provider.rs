//! The payment provider, which fails in the ways that remote services do.

use crate::payment::Payment;
use millstream::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Stands for a service across the network. What it does depends on the card:
///
/// - `good` is charged,
/// - `busy-3` is charged after three calls were refused,
/// - `stolen` is declined, each time,
/// - `silent` is never answered.
#[component]
pub struct Provider {
    #[default]
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    /// How often each order was asked for.
    calls: BTreeMap<u64, u32>,
    charged: Vec<u64>,
}

/// The provider has too much to do: worth another try.
#[derive(Debug, thiserror::Error)]
#[error("the provider is busy")]
pub struct Busy;

/// The provider says no, and will say no again.
#[derive(Debug, thiserror::Error)]
#[error("the card was declined: {0}")]
pub struct Declined(String);

impl Provider {
    /// Charges a payment. Messages come at least once: an order that was charged is not charged again.
    pub async fn charge(&self, payment: &Payment) -> Result<()> {
        let call = self.called(payment.order);
        match payment.card.as_str() {
            "stolen" => return Err(Declined("it was reported stolen".to_owned()).into()),
            "silent" => std::future::pending().await,
            card => {
                let busy = card.strip_prefix("busy-").and_then(|calls| calls.parse().ok()).unwrap_or(0);
                if call <= busy {
                    return Err(Busy.into());
                }
            }
        }
        let mut book = self.book();
        if !book.charged.contains(&payment.order) {
            book.charged.push(payment.order);
        }
        Ok(())
    }

    /// The orders that were charged, in that order.
    pub fn charged(&self) -> Vec<u64> {
        self.book().charged.clone()
    }

    /// How often the provider was asked to charge an order.
    pub fn calls(&self, order: u64) -> u32 {
        self.book().calls.get(&order).copied().unwrap_or(0)
    }

    fn called(&self, order: u64) -> u32 {
        let mut book = self.book();
        let calls = book.calls.entry(order).or_default();
        *calls = calls.saturating_add(1);
        *calls
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
