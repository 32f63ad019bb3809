//! What is asked, and the answer.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

const CARD_PREFIX: &str = "card_";

/// A request of topic `payments.charge`; its key is the order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// What is paid for: the name by which a charge that is asked for again is known.
    pub order: String,
    /// Who pays.
    pub customer: String,
    /// How much.
    pub cents: u64,
    /// With which card: the name that the bank gave it, never its number.
    pub card: String,
}

/// The answer to a charge that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was paid for.
    pub order: String,
    /// How much.
    pub cents: u64,
    /// The name of the charge: the same, however often it is asked for.
    pub receipt: Uuid,
}

/// Why nobody can be charged for this, today or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedCharge {
    /// It would not be known again.
    #[error("a charge names its order; `order` is empty")]
    NoOrder,
    /// There is nothing to charge.
    #[error("a charge is one cent or more; `cents` is 0")]
    NoMoney,
    /// The card is none. Which one it is meant to be is nobody's business.
    #[error("a card is `card_` and 8 to 32 letters or digits; `card` is not")]
    NoCard,
}

impl Charge {
    /// Whether it can be made at all.
    ///
    /// # Errors
    /// The first thing that is not as it must be.
    pub fn check(&self) -> Result<(), MalformedCharge> {
        if self.order.is_empty() {
            return Err(MalformedCharge::NoOrder);
        }
        if self.cents == 0 {
            return Err(MalformedCharge::NoMoney);
        }
        let name = self.card.strip_prefix(CARD_PREFIX).ok_or(MalformedCharge::NoCard)?;
        let is_name = (8..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_name { Ok(()) } else { Err(MalformedCharge::NoCard) }
    }
}

impl fmt::Debug for Charge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Who has the card's name can pay with it.
        let Self { order, customer, cents, card: _ } = self;
        formatter
            .debug_struct("Charge")
            .field("order", order)
            .field("customer", customer)
            .field("cents", cents)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge() -> Charge {
        Charge { order: "7".into(), customer: "ada".into(), cents: 500, card: "card_ada00001".into() }
    }

    #[test]
    fn what_can_never_be_charged_is_told_by_its_field() {
        assert_eq!(charge().check(), Ok(()));
        assert_eq!(Charge { order: String::new(), ..charge() }.check(), Err(MalformedCharge::NoOrder));
        assert_eq!(Charge { cents: 0, ..charge() }.check(), Err(MalformedCharge::NoMoney));
        for card in ["", "card_", "card_short", "4111111111111111", "card_with space", "card_ümlauted"] {
            assert_eq!(Charge { card: card.into(), ..charge() }.check(), Err(MalformedCharge::NoCard), "{card}");
        }
    }

    #[test]
    fn the_debug_form_and_the_error_show_no_card() {
        let charge = Charge { card: "swordfish".into(), ..charge() };
        let shown = format!("{charge:?} {}", charge.check().unwrap_err());
        assert!(!shown.contains("swordfish") && shown.contains("ada"), "{shown}");
    }
}
