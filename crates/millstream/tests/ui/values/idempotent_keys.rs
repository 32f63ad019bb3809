use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", idempotent())]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", idempotent(key = "a..b", ttl = "1"))]
    async fn on_refund(&self) {}

    #[kafka_listener("returns", idempotent(key = field("id"), lifetime = "1h"))]
    async fn on_return(&self) {}

    #[kafka_listener("claims", idempotent("id"))]
    async fn on_claim(&self) {}

    #[kafka_listener("others", idempotent(key = with(number)))]
    async fn on_other(&self) {}
}

fn number(_: &Context) -> u64 {
    7
}

fn main() {}
