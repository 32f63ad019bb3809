use millstream::prelude::*;

struct Billing;

trait Handler {
    async fn on_order(&self);
}

#[consumer]
impl Handler for Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {}
}

fn main() {}
