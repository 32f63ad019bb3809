//! The consumer.

use crate::totals::Totals;
use millstream::prelude::*;
use serde::{Deserialize, Serialize};

/// A message of topic `orders`; its text is borrowed from the message.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order<'m> {
    /// Who pays.
    pub customer: &'m str,
    /// How much.
    pub cents: u64,
}

/// Adds up what customers order.
#[consumer]
pub struct OrderTotals {
    totals: Arc<Totals>,
}

#[consumer]
impl OrderTotals {
    /// Adds one order.
    #[kafka_listener("orders", from_beginning = true)]
    pub async fn on_order(&self, Json(order): Json<Order<'_>>) {
        self.totals.add(order.customer, order.cents);
    }
}
