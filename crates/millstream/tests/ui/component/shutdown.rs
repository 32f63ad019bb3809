use millstream::prelude::*;

struct Ledger;
struct Clock;

#[component]
impl Ledger {
    fn init() -> Self {
        Self
    }

    async fn shutdown(self, _deadline: u64) {}
}

#[component]
impl Clock {
    fn init() -> Self {
        Self
    }

    async fn shutdown(&self) -> u32 {
        1
    }
}

fn main() {}
