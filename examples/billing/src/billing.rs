//! The consumer.

use crate::ledger::{Ledger, LedgerError};
use crate::order::{Order, Refund};
use millstream::prelude::*;

/// Bills every order once.
#[consumer]
pub struct Billing {
    ledger: Arc<Ledger>,
    #[config("billing.currency")]
    currency: String,
}

impl Billing {
    /// For tests that call the methods.
    pub fn new(ledger: Arc<Ledger>, currency: impl Into<String>) -> Self {
        Self { ledger, currency: currency.into() }
    }
}

#[consumer]
impl Billing {
    /// Commits by hand: the position says what was charged, and nothing else.
    #[kafka_listener("orders", auto_commit = false, from_beginning = true)]
    pub async fn on_order(&self, Json(order): Json<Order>, ctx: &Context) -> Result<()> {
        match self.ledger.charge(&order, &self.currency).await {
            // Done: the position is the next offset.
            Ok(()) => ctx.commit().await?,
            // Not done: the position is this message, which comes again after a wait.
            Err(error) => {
                tracing::warn!(order = order.id, attempt = ctx.attempt(), %error, "not charged");
                ctx.commit_offsets(ctx.offset()).await?
            }
        };
        Ok(())
    }

    /// Commits after success, the default; an error is tried again by itself.
    #[kafka_listener("refunds", from_beginning = true)]
    pub async fn on_refund(
        &self,
        Json(refund): Json<Refund>,
        Key(customer): Key<&str>,
        #[header("trace-id")] trace: Option<&str>,
    ) -> Result<()> {
        match self.ledger.refund(&refund).await {
            Ok(()) => {
                tracing::info!(customer, trace, order = refund.order, "paid back");
                Ok(())
            }
            // No retry will charge the order.
            Err(error @ LedgerError::UnknownOrder(_)) => Err(Error::terminal(error)),
            Err(error) => Err(error.into()),
        }
    }
}
