use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", id = "billing")]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", id = "billing")]
    async fn on_refund(&self) {}

    #[kafka_listener("fees")]
    async fn on_fee(&self) {}

    #[kafka_listener("rebates", id = "Billing.on_fee")]
    async fn on_rebate(&self) {}
}

fn main() {}
