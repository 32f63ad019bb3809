use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", "refunds", "orders")]
    async fn on_order(&self) {}
}

fn main() {}
