use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", pattern = "orders-.*")]
    async fn on_order(&self) {}
}

fn main() {}
