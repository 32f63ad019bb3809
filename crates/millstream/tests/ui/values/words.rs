use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", order_by = "partitions", on_failure = "skipp", on_lost_position = "next", start = "earlyest", retries = "always")]
    async fn on_order(&self) {}
}

fn main() {}
