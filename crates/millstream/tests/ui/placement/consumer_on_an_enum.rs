use millstream::prelude::*;

#[consumer]
enum Billing {
    Gross,
    Net,
}

fn main() {
    let _ = [Billing::Gross, Billing::Net];
}
