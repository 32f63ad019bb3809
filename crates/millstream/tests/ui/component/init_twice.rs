use millstream::prelude::*;

struct Ledger;

#[component]
impl Ledger {
    #[cfg(debug_assertions)]
    async fn init() -> Self {
        Self
    }

    #[cfg(not(debug_assertions))]
    async fn init() -> Self {
        Self
    }
}

fn main() {}
