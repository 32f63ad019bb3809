use millstream::Producer;
use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, #[cluster("audit")] producer: Inject<Producer>) {}

    async fn helper(&self, #[cluster("audit")] producer: Arc<Producer>) {}
}

fn main() {}
