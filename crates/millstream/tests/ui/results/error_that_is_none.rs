use millstream::prelude::*;

struct Mistake;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) -> Result<(), Mistake> {
        Err(Mistake)
    }
}

fn main() {}
