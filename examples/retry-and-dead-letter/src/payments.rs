//! The consumer of payments.

use crate::payment::Payment;
use crate::provider::{Declined, Provider};
use millstream::prelude::*;

/// Charges every payment.
#[consumer]
pub struct Payments {
    provider: Arc<Provider>,
}

#[consumer]
impl Payments {
    /// Returns the provider's error as it is: what follows from it is said in `config/default.toml`. Only what the
    /// code alone knows is said here: that a card which was declined is not worth another try.
    #[kafka_listener("payments", from_beginning = true, terminal(Declined))]
    pub async fn on_payment(&self, Json(payment): Json<Payment>, ctx: &Context) -> Result<()> {
        // An attempt that times out ends within the call, and says nothing afterwards.
        let origin = ctx.origin().map(|_| format!(", from {}", ctx.topic())).unwrap_or_default();
        println!("order {} of {}: attempt {}{origin}", payment.order, payment.customer, ctx.attempt());

        let charged = self.provider.charge(&payment).await;
        match &charged {
            Ok(()) => println!("order {} of {}: charged", payment.order, payment.customer),
            Err(error) => println!("order {} of {}: {error}", payment.order, payment.customer),
        }
        charged
    }
}
