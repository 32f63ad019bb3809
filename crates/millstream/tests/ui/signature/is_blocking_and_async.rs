use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", blocking)]
    async fn on_order(&self) {}
}

fn main() {}
