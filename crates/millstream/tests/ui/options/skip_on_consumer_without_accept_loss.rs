use millstream::prelude::*;

#[consumer(on_failure = "skip")]
struct Billing;

fn main() {}
