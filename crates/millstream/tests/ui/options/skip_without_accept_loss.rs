use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", on_failure = "skip")]
    async fn on_order(&self) {}
}

fn main() {}
