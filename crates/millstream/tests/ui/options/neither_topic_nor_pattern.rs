use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener]
    async fn on_order(&self) {}

    #[kafka_listener()]
    async fn on_refund(&self) {}

    #[kafka_listener(auto_commit = false)]
    async fn on_fee(&self) {}
}

fn main() {}
