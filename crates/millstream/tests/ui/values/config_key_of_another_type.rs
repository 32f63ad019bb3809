use millstream::prelude::*;

const KEY: u32 = 3;

#[consumer]
struct Billing {
    #[config(KEY)]
    currency: String,
}

fn main() {}
