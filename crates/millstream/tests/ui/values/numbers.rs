use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", concurrency = 0, window = 0, retries = -1)]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", concurrency = -1, window = 5000000000, retries = 1.5)]
    async fn on_refund(&self) {}
}

fn main() {}
