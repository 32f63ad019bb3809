use millstream::prelude::*;

struct Ledger;

#[component]
impl Ledger {
    async fn init(&self) -> Result<Self> {
        Ok(Self)
    }
}

fn main() {}
