use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    fn bill(&self) {}
}

fn main() {}
