use millstream::prelude::*;

struct Currency;

#[consumer]
struct Billing {
    #[config("billing.currency")]
    currency: Currency,
    #[config("billing.name")]
    name: &'static str,
}

fn main() {}
