use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", blocking, timeout = "30s")]
    fn on_order(&self) {}

    #[kafka_listener("orders", blocking, batch = 500)]
    fn on_orders(&self) {}

    #[kafka_listener("orders", blocking = true)]
    async fn on_flag(&self) {}
}

fn main() {}
