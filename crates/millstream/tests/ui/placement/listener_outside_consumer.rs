use millstream::prelude::*;

struct Billing;

impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {}
}

fn main() {}
