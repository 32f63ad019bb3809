use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", backoff = { initial = "1", max = 60, factor = 0.5, jitter = 2.0, speed = 1 })]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", backoff = {})]
    async fn on_refund(&self) {}

    #[kafka_listener("fees", backoff = { "1s" })]
    async fn on_fee(&self) {}
}

fn main() {}
