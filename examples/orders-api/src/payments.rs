//! The service that charges orders, as this one sees it.

use crate::card::Card;
use millstream::prelude::*;
use millstream::{BoxError, RequestErrorKind, kafka_client};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Asks payments to charge an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// What is paid for.
    pub order: Uuid,
    /// Who pays.
    pub customer: String,
    /// How much.
    pub cents: u64,
    /// With which card.
    pub card: Card,
}

/// What payments answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The name of the charge.
    pub receipt: Uuid,
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ChargeError {
    /// Payments decided so, and will not decide otherwise.
    #[error("refused ({reason}): {message}")]
    Refused {
        /// In one word.
        reason: String,
        /// For people.
        message: String,
    },
    /// Payments knows another order of this id.
    #[error("another order has this id: {0}")]
    AnotherOrder(String),
    /// Payments may have decided or not: the charge must be asked for again.
    #[error("payments did not decide")]
    Undecided(#[source] BoxError),
}

/// Charges orders; in tests a fake.
#[kafka_client]
pub trait Payments {
    /// Charges an order, once however often it is asked. Requests of one order are answered one after the other, as the
    /// order is their key.
    #[request("payments.charge", key = order)]
    async fn charge(&self, order: &str, charge: &Charge) -> Result<Receipt, ChargeError>;
}

impl From<RequestError> for ChargeError {
    fn from(error: RequestError) -> Self {
        let Some(remote) = error.remote().filter(|_| error.kind() == RequestErrorKind::Refused) else {
            return Self::Undecided(error.into());
        };
        match remote.kind.as_deref() {
            // A handled request that was refused has no kind.
            None if remote.status == "order_differs" => Self::AnotherOrder(remote.message.clone()),
            None => Self::Refused { reason: remote.status.clone(), message: remote.message.clone() },
            // The charge itself cannot be made, now or later.
            Some("terminal" | "extract") => {
                Self::Refused { reason: "malformed".to_owned(), message: remote.message.clone() }
            }
            // Payments has failed over it; the next time it may not.
            Some(_) => Self::Undecided(error.into()),
        }
    }
}
