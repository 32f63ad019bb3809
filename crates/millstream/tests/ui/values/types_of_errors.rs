use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", retry_on(), terminal(Declined, Declined))]
    async fn on_order(&self) {}

    #[kafka_listener("refunds", retry_on("Declined"))]
    async fn on_refund(&self) {}

    #[kafka_listener("returns", terminal(Order))]
    async fn on_return(&self) {}
}

struct Order;

fn main() {}
