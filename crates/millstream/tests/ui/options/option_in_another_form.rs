use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", idempotent = "id", retry_on, terminal = Declined, layers)]
    async fn on_order(&self) {}
}

fn main() {}
