use millstream::layer::{Layer, LayerFuture, Next};
use millstream::prelude::*;

#[component]
struct Audit;

impl Layer for Audit {
    fn handle<'m>(&'m self, _: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(next.run())
    }
}

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders", batch = 500, idempotent(key = "id"), layers(Audit), rate = "500/s")]
    async fn on_orders(&self) {}

    #[kafka_listener("orders", batch = 500, layers())]
    async fn on_others(&self) {}
}

fn main() {}
