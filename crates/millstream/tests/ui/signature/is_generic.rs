use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order<T>(&self, _order: Json<T>) {}

    #[kafka_listener("refunds")]
    async fn on_refund<const N: usize>(&self) {}
}

fn main() {}
