use millstream::prelude::*;

// The first error is the compiler's about the method; that the same type is wanted by the registration adds two.
#[derive(serde::Deserialize)]
struct Order<'a>(&'a str);

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: Json<Order>) {}
}

fn main() {}
