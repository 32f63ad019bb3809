use millstream::prelude::*;

#[consumer(group = "billing", colour = 3)]
struct Billing;

fn main() {}
