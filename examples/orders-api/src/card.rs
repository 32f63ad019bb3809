//! A customer's card.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name that a bank gave a card. Who has it can pay with it, so that it is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Card(pub String);

impl fmt::Debug for Card {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Card(..)")
    }
}
