use millstream::prelude::*;

struct Ledger;

async fn pause() {}

#[component]
impl Ledger {
    async fn init() -> Self {
        let shared = std::rc::Rc::new(1);
        pause().await;
        drop(shared);
        Self
    }
}

fn main() {}
