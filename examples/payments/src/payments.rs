//! The consumer that answers.

use crate::charge::{Charge, Receipt};
use crate::decision::{Decision, Verdict};
use crate::ledger::Ledger;
use millstream::prelude::*;

/// Charges orders.
#[consumer]
pub struct Payments {
    ledger: Arc<Ledger>,
    #[config("payments.limit_cents")]
    limit_cents: u64,
}

#[consumer]
impl Payments {
    /// Charges one order, once.
    ///
    /// # Errors
    /// A charge that can never be made is answered at once with what is wrong; a ledger that cannot be reached, after
    /// the retries. A refusal is no error: the request was handled.
    #[kafka_listener("payments.charge", reply, from_beginning = true)]
    pub async fn charge(&self, Json(charge): Json<Charge>) -> Result<Reply<Receipt>> {
        charge.check().terminal()?;
        let proposed = Decision::about(&charge, self.limit_cents);
        let standing = self.ledger.decide(&charge.order, proposed.clone()).await?;
        match &standing.verdict {
            _ if standing != proposed => tracing::info!(order = charge.order, "asked again, decided before"),
            Verdict::Charged(_) => tracing::info!(order = charge.order, cents = charge.cents, "charged"),
            Verdict::OverLimit(_) => tracing::info!(order = charge.order, cents = charge.cents, "refused"),
        }
        Ok(standing.answer(&charge))
    }
}
