use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) -> Result<u32> {
        Ok(1)
    }
}

fn main() {}
