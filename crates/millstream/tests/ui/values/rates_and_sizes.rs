use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", rate = "fast", window_bytes = 16)]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", rate = "0/s", window_bytes = "16")]
    async fn on_refund(&self) {}

    #[kafka_listener("returns", rate = "5/fortnight", max_crashes = -1)]
    async fn on_return(&self) {}
}

fn main() {}
