use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    #[kafka_listener("refunds")]
    async fn on_order(&self) {}
}

fn main() {}
