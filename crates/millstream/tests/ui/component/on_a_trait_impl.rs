use millstream::prelude::*;

struct Ledger;

#[component]
impl Default for Ledger {
    fn default() -> Self {
        Self
    }
}

fn main() {}
