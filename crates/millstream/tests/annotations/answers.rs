#![deny(warnings)]
use millstream::prelude::*;

mod topics {
    pub const PRICED: &str = "orders.priced";
    pub const WIRE: &str = "spring";
}

#[derive(serde::Deserialize)]
struct Order<'a> {
    name: &'a str,
}

#[derive(serde::Serialize)]
struct Price<'a> {
    name: &'a str,
    cents: u64,
}

pub struct Pricing {
    name: String,
}

#[consumer(wire = "nest")]
impl Pricing {
    #[kafka_listener("prices", reply)]
    async fn price(&self, Nest(order): Nest<Order<'_>>) -> Result<u64> {
        Ok(order.name.len() as u64)
    }

    #[kafka_listener("borrowed", reply = true, wire = topics::WIRE)]
    async fn borrowed(&self, order: &str) -> Result<Price<'_>, std::io::Error> {
        let _ = order;
        Ok(Price { name: &self.name, cents: 5 })
    }

    #[kafka_listener("stock")]
    async fn stock(&self) -> Result<Reply<u64>> {
        Ok(Reply::new(5).key("a").header("b", "c"))
    }

    #[kafka_listener("nothing", reply)]
    async fn nothing(&self) {}

    #[kafka_listener("no-value", reply)]
    async fn no_value(&self, ctx: &Context) -> Result<()> {
        ctx.commit().await?;
        Ok(())
    }

    #[kafka_listener("orders", blocking, send_to = topics::PRICED)]
    fn priced(&self, order: &str) -> Result<String> {
        Ok(order.to_owned())
    }

    #[kafka_listener("unit", reply = false)]
    async fn unit(&self) -> () {}

    #[kafka_listener("explicit", reply)]
    #[cfg(any())]
    async fn unit(&self) -> () {}
}

#[test]
fn a_consumer_that_answers_is_a_struct_as_before() {
    let pricing = Pricing { name: "a".to_owned() };
    assert_eq!(pricing.name, "a");
}
