use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", batch = 500)]
    async fn on_orders(&self, #[header("trace-id")] trace: Option<&str>) {
        let _ = trace;
    }
}

fn main() {}
