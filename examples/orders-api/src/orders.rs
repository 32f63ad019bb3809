//! The consumer that has orders paid.

use crate::order::Order;
use crate::order_events::{OrderEvents, OrderPaid, OrderRefused};
use crate::payments::{Charge, ChargeError, Payments};
use millstream::prelude::*;

/// Has every order paid, and tells what became of it.
#[consumer]
pub struct Orders {
    payments: Arc<dyn Payments>,
    events: Arc<dyn OrderEvents>,
}

#[consumer]
impl Orders {
    /// One order. It counts as handled when the brokers have the event that tells how it ended; a copy of it is settled
    /// without being handled again.
    ///
    /// # Errors
    /// Payments did not decide, or the event could not be written: the order is handled again, which is safe, as payments
    /// keeps to its first decision and the book hears the same news twice.
    #[kafka_listener(
        "orders",
        from_beginning = true,
        order_by = "key",
        idempotent(key = "id", ttl = "7d", lease = "5s", store = "orders")
    )]
    pub async fn on_order(&self, Json(order): Json<Order>) -> Result<()> {
        let Order { id, customer, cents, card } = order;
        let charge = Charge { order: id, customer, cents, card };
        let charged = self.payments.charge(&id.to_string(), &charge).await;
        let Charge { customer, .. } = charge;
        match charged {
            Ok(receipt) => {
                let paid = OrderPaid { order: id, customer, cents, receipt: receipt.receipt };
                self.events.paid(&id.to_string(), &paid).await?;
                tracing::info!(order = %id, "paid");
            }
            Err(ChargeError::Refused { reason, message }) => {
                let refused = OrderRefused { order: id, customer, cents, reason, message };
                self.events.refused(&id.to_string(), &refused).await?;
                tracing::info!(order = %id, reason = refused.reason, "refused");
            }
            // The order of this id has ended already, and this is another one: no event may tell of its end.
            Err(error @ ChargeError::AnotherOrder(_)) => return Err(Error::terminal(error)),
            Err(error @ ChargeError::Undecided(_)) => return Err(error.into()),
        }
        Ok(())
    }
}
