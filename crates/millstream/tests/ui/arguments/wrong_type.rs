use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, _number: u64, _order: &str) {}
}

fn main() {}
