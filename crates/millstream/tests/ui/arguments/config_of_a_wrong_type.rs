use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, #[config("billing.file")] _file: std::fs::File) {}
}

fn main() {}
