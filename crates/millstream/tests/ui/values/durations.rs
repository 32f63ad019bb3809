use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", timeout = "30", commit_interval = "2 parsecs", backoff = 5)]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", timeout = true, commit_interval = "soon")]
    async fn on_refund(&self) {}
}

fn main() {}
