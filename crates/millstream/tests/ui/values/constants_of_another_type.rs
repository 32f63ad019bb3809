use millstream::prelude::*;

const NUMBER: u32 = 3;
const BIG: u64 = 3;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", group_id = NUMBER, retries = BIG, timeout = NUMBER, window = BIG, enabled = NUMBER)]
    async fn on_order(&self) {}
}

fn main() {}
