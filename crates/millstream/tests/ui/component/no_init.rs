use millstream::prelude::*;

struct Ledger;

#[component]
impl Ledger {
    async fn new() -> Self {
        Self
    }
}

fn main() {}
