use millstream::prelude::*;

struct Billing<'a>(&'a str);

#[consumer]
impl<'a> Billing<'a> {
    #[kafka_listener("orders")]
    async fn on_order(&self) {}
}

fn main() {}
