use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, #[header("trace-id")] _trace: Vec<u64>) {}
}

fn main() {}
