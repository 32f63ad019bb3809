use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async unsafe fn on_order(&self) {}
}

fn main() {}
