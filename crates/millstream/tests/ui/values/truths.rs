use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", auto_commit = "false", enabled = 1, from_beginning = yes())]
    async fn on_order(&self) {}
}

fn main() {}
