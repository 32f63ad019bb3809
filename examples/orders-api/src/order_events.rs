//! What is told of orders.

use millstream::kafka_client;
use millstream::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A message of topic `orders.paid`; its key is the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPaid {
    /// Which order.
    pub order: Uuid,
    /// Who paid.
    pub customer: String,
    /// How much.
    pub cents: u64,
    /// The receipt's name.
    pub receipt: Uuid,
}

/// A message of topic `orders.refused`; its key is the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefused {
    /// Which order.
    pub order: Uuid,
    /// Who ordered.
    pub customer: String,
    /// For how much.
    pub cents: u64,
    /// Why, in one word.
    pub reason: String,
    /// Why, for people.
    pub message: String,
}

/// Tells others how orders end.
#[kafka_client]
pub trait OrderEvents {
    /// It was paid.
    #[emit("orders.paid", key = order)]
    async fn paid(&self, order: &str, paid: &OrderPaid) -> Result<(), SendError>;

    /// It was refused.
    #[emit("orders.refused", key = order)]
    async fn refused(&self, order: &str, refused: &OrderRefused) -> Result<(), SendError>;
}
