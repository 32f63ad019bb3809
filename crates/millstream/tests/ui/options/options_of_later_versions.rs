use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", batch = { max = 500 }, idempotent(key = "id"), retry_topics = ["5s"], rate = "500/s", layers(Audit))]
    async fn on_order(&self) {}
}

fn main() {}
