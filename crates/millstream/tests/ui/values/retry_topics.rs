use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", retry_topics = ["5s", "5s", 10, "1 fortnight"])]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", retry_topics = [])]
    async fn on_refund(&self) {}

    #[kafka_listener("returns", retry_topics = "5s")]
    async fn on_return(&self) {}
}

fn main() {}
