//! What the topic holds.

use serde::{Deserialize, Serialize};

/// A message of topic `payments`; its key is the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What is paid for.
    pub order: u64,
    /// Who pays.
    pub customer: String,
    /// How much.
    pub cents: u64,
    /// With which card.
    pub card: String,
}
