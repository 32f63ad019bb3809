use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, #[header] _a: &str, #[header("")] _b: &str, #[header("a", "b")] _c: &str, #[header(5)] _d: &str) {}
}

fn main() {}
