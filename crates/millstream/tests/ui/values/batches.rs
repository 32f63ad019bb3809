use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", batch = { max = 0, wait = "5", bytes = 5, size = 1 })]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", batch = "all")]
    async fn on_refund(&self) {}

    #[kafka_listener("returns", batch = 500, idempotent(key = "id"))]
    async fn on_return(&self) {}
}

fn main() {}
