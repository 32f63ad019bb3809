use millstream::prelude::*;

struct Ledger;
struct Clock;

#[component]
impl Ledger {
    async fn init() -> Option<Self> {
        Some(Self)
    }
}

#[component]
impl Clock {
    async fn init() {}
}

fn main() {}
