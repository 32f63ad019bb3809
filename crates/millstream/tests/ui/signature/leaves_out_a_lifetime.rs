use millstream::prelude::*;

#[derive(serde::Deserialize)]
struct Order<'a>(&'a str);

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: Json<Order>) {}
}

fn main() {}
