use millstream::prelude::*;

struct Ledger;

#[consumer]
struct Billing {
    #[cluster("audit")]
    ledger: Arc<Ledger>,
}

fn main() {}
