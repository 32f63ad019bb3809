use millstream::prelude::*;

#[consumer("orders", pattern = "a.*", id = "b")]
struct Billing;

fn main() {}
