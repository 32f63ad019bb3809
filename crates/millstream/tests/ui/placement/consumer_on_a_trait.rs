use millstream::prelude::*;

#[consumer]
trait Billing {
    fn bill(&self);
}

fn main() {}
