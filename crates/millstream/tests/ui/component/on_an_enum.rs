use millstream::prelude::*;

#[component]
enum Ledger {
    Only,
}

fn main() {
    let _ = Ledger::Only;
}
