use millstream::prelude::*;

struct Ledger;

#[component]
impl Ledger {
    fn init() -> Self {
        Self
    }

    #[kafka_listener("orders")]
    async fn on_order(&self) {}
}

fn main() {}
