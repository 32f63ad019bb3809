use millstream::prelude::*;

struct Ledger(std::cell::Cell<u64>);

#[component(eager = true)]
impl Ledger {
    fn init() -> Self {
        Self(std::cell::Cell::new(1))
    }
}

fn main() {}
