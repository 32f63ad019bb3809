use millstream::prelude::*;

#[kafka_listener("orders")]
struct Billing;

fn main() {}
