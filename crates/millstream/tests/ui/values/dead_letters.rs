use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", dead_letter = { topic = "{tpoic}.dead", headers = true })]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", dead_letter = "a/b")]
    async fn on_refund(&self) {}

    #[kafka_listener("returns", dead_letter = {})]
    async fn on_return(&self) {}
}

fn main() {}
