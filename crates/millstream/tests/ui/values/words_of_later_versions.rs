use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", order_by = "key", on_failure = "dead_letter")]
    async fn on_order(&self) {}
}

fn main() {}
