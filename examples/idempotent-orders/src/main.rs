//! Orders that come twice are billed once.

use millstream::layer::{self, Layer, LayerFuture, Next};
use millstream::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: u64,
    cents: u64,
}

#[derive(Deserialize)]
struct Priced {
    currency: String,
}

/// Settles orders that are not in euro, before anything is claimed or billed.
struct OnlyEuro;

impl Layer for OnlyEuro {
    fn handle<'m>(&'m self, ctx: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            // What does not decode fails in the listener, with a better message.
            let priced = ctx.payload().and_then(|payload| serde_json::from_slice::<Priced>(payload).ok());
            match priced {
                Some(priced) if priced.currency != "EUR" => layer::skip(format!("it is in {}", priced.currency)),
                _ => next.run().await,
            }
        })
    }

    fn standalone() -> Option<Self> {
        Some(Self)
    }
}

#[consumer]
struct Billing {}

#[consumer]
impl Billing {
    #[kafka_listener(
        "orders",
        from_beginning = true,
        layers(OnlyEuro),
        idempotent(key = "id", ttl = "24h", lease = "30s", store = "billed")
    )]
    async fn on_order(&self, Json(order): Json<Order>) -> Result<()> {
        // A real application hands the id to its payment service too, as idempotency key: between this effect and Redis
        // a crash is possible.
        tracing::info!(order = order.id, cents = order.cents, "billed");
        Ok(())
    }
}

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    App::from_args()?.run().await
}
