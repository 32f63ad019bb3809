use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", accept_loss = true)]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", on_failure = "stop", accept_loss = true)]
    async fn on_refund(&self) {}
}

fn main() {}
