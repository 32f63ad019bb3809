use millstream::prelude::*;

struct Ledger;

#[component]
impl Ledger {
    async fn init(_url: String, _limit: &u64, #[config("")] _name: String, #[header("a")] _trace: String, _clock: impl Send) -> Self {
        Self
    }
}

fn main() {}
