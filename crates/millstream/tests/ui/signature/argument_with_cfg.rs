use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, #[cfg(debug_assertions)] _order: &str) {}
}

fn main() {}
