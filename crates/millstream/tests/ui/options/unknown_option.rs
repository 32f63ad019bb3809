use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", autocommit = false, colour = "red")]
    async fn on_order(&self) {}
}

fn main() {}
