use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", auto_commit, group_id =)]
    async fn on_order(&self) {}
}

fn main() {}
