use millstream::prelude::*;

struct Ledger;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", blocking)]
    fn on_order(&self, ledger: Ledger) {
        let _ = ledger;
    }
}

fn main() {}
