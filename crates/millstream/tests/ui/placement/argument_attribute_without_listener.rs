use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {}

    async fn trace(&self, #[header("trace-id")] _id: &str) {}
}

fn main() {}
