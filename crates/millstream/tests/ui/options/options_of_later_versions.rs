use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", reply = "answers", wire = "avro", send_to("answers"))]
    async fn on_order(&self) {}
}

fn main() {}
