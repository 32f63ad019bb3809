use millstream::prelude::*;

#[kafka_listener("orders")]
async fn on_order() {}

fn main() {}
