use millstream::prelude::*;

#[consumer]
struct Billing {
    ledger: u32,
    clock: Arc<str>,
    name: &'static str,
}

fn main() {}
