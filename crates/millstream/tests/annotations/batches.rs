use millstream::prelude::*;

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

struct Ledger;

const MANY: u32 = 1000;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", batch = { max = 500, wait = "200ms", min = 1, bytes = "4MiB" })]
    async fn on_orders(
        &self,
        orders: Batch<'_, Json<Order>>,
        ledger: Inject<Ledger>,
        context: &BatchContext,
    ) -> Result<()> {
        let _ = (ledger, context.len());
        for order in orders.iter() {
            println!("{}", order.value().0.id);
        }
        Ok(())
    }

    #[kafka_listener("refunds", batch = MANY, order_by = "key")]
    async fn on_refunds(&self, refunds: Messages<'_>, #[config("billing.limit")] limit: u32) -> BatchOutcome {
        println!("{limit} {}", refunds.len());
        BatchOutcome::done()
    }

    #[kafka_listener("returns", batch = 5)]
    async fn on_returns(&self, returns: Vec<Json<Order>>) {
        println!("{}", returns.len());
    }
}
