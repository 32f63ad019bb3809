use millstream::prelude::*;

struct Billing;

#[consumer(colour = "red")]
impl Billing {
    #[kafka_listener("", autocommit = false, timeout = "30", window = 0)]
    fn on_order(&mut self, #[header("")] _trace: &str, _order: impl Send) {}

    #[kafka_listener("refunds")]
    async fn on_refund(&self, _number: u64) {}
}

fn main() {}
