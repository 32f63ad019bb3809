use millstream::prelude::*;

struct Billing {
    seen: std::cell::Cell<u64>,
}

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {
        self.seen.set(1);
    }

    #[kafka_listener("refunds")]
    async fn on_refund(&self) {}
}

fn main() {}
