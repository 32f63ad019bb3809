use millstream::prelude::*;

mod topics {}

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener(topics::ORDERS)]
    async fn on_order(&self) {}
}

fn main() {}
