use millstream::prelude::*;

const TOPIC: u32 = 3;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener(5, "orders", concat!("a", "b"), TOPIC)]
    async fn on_order(&self) {}
}

fn main() {}
