use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener(5, "orders", concat!("a", "b"))]
    async fn on_order(&self) {}
}

fn main() {}
