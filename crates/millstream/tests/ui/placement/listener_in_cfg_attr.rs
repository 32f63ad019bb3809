use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[cfg_attr(debug_assertions, kafka_listener("orders"))]
    async fn on_order(&self) {}
}

fn main() {}
