//! What was decided about an order.

use crate::charge::{Charge, Receipt};
use millstream::Reply;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was decided about an order, and about how much it was. The first decision stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// How much was asked for.
    pub cents: u64,
    /// What was decided.
    pub verdict: Verdict,
}

/// Yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was charged; this is the receipt's name.
    Charged(Uuid),
    /// It was more than the limit of that day, in cents.
    OverLimit(u64),
}

impl Decision {
    /// What is decided about a charge of which nothing is known yet.
    pub fn about(charge: &Charge, limit_cents: u64) -> Self {
        let verdict =
            if charge.cents > limit_cents { Verdict::OverLimit(limit_cents) } else { Verdict::Charged(Uuid::new_v4()) };
        Self { cents: charge.cents, verdict }
    }

    /// The answer to a charge, where this is the decision that stands about its order.
    pub fn answer(self, charge: &Charge) -> Reply<Receipt> {
        let Self { cents, verdict } = self;
        match verdict {
            _ if cents != charge.cents => Reply::refuse(
                "order_differs",
                format!("the order was asked for with {cents} cents before; another amount is another order"),
            ),
            Verdict::Charged(receipt) => Reply::new(Receipt { order: charge.order.clone(), cents, receipt }),
            Verdict::OverLimit(limit) => Reply::refuse(
                "insufficient_funds",
                format!("{cents} cents are more than the {limit} that may be spent on one order"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_may_be_spent() {
        let charge = |cents| Charge { order: "1".into(), customer: "ada".into(), cents, card: String::new() };
        assert!(matches!(Decision::about(&charge(100), 100).verdict, Verdict::Charged(_)));
        assert_eq!(Decision::about(&charge(101), 100).verdict, Verdict::OverLimit(100));
    }

    #[test]
    fn what_is_kept_is_read_back() {
        for verdict in [Verdict::Charged(Uuid::new_v4()), Verdict::OverLimit(100)] {
            let decision = Decision { cents: 500, verdict };
            let kept = serde_json::to_string(&decision).unwrap();
            assert_eq!(serde_json::from_str::<Decision>(&kept).unwrap(), decision);
        }
    }
}
