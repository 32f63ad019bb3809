use millstream::prelude::*;

#[consumer(colour = "red")]
struct Billing;

fn main() {
    let _ = App::builder().consumers::<(Billing,)>();
}
