use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, #[config("billing.limit")] _limit: u64) {}
}

fn main() {}
