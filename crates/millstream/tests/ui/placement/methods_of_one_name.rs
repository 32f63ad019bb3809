use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {}

    #[kafka_listener("refunds")]
    async fn on_order(&self) {}
}

fn main() {}
