use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: &'static str, _key: Option<Key<&'static [u8]>>) {}
}

fn main() {}
