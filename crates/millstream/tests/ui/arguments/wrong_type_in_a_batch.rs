use millstream::prelude::*;

struct Ledger;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", batch = 500)]
    async fn on_orders(&self, ledger: Ledger) {
        let _ = ledger;
    }
}

fn main() {}
