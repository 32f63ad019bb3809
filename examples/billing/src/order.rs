//! What the topics hold.

use serde::{Deserialize, Serialize};

/// A message of topic `orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: u64,
    /// Who pays.
    pub customer: String,
    /// How much.
    pub cents: u64,
}

/// A message of topic `refunds`; its key is the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The order that is paid back.
    pub order: u64,
    /// How much of it.
    pub cents: u64,
}
