use millstream::prelude::*;

struct Order;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: Json<Order>) {}
}

fn main() {}
