use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", backoff(initial = "1s"))]
    async fn on_order(&self) {}
}

fn main() {}
