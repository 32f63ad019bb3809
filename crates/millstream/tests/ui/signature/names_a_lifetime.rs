use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order<'a>(&self, _order: &'a str) {}
}

fn main() {}
