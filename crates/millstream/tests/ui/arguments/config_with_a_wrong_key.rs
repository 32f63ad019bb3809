use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, #[config("billing.")] _a: Config<u8>, #[config] _b: Config<u8>) {}
}

fn main() {}
