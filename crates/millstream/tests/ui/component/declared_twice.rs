use millstream::prelude::*;

#[component]
struct Ledger;

#[component]
impl Ledger {
    fn init() -> Self {
        Self
    }
}

fn main() {}
