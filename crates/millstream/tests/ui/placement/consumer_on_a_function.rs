use millstream::prelude::*;

#[consumer]
async fn on_order() {}

fn main() {}
