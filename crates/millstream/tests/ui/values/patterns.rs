use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener(pattern = "orders-(")]
    async fn on_order(&self) {}

    #[kafka_listener(pattern = "*")]
    async fn on_refund(&self) {}
}

fn main() {}
