use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", start = "earliest", from_beginning = true)]
    async fn on_order(&self) {}
}

fn main() {}
