use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: impl Send, _key: Option<impl Send>) {}
}

fn main() {}
