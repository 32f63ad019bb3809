use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", window = 10, window = 20)]
    async fn on_order(&self) {}
}

fn main() {}
