use millstream::prelude::*;

struct Ledger;

#[component]
impl Ledger {
    async fn init(_url: String, #[config("a.b")] _file: std::fs::File) -> Self {
        Self
    }
}

fn main() {}
