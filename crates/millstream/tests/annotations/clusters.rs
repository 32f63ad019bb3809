use millstream::prelude::*;
use millstream::{Admin, Producer};

const AUDIT: &str = "audit";

#[consumer]
struct Billing {
    producer: Arc<Producer>,
    #[cluster("audit")]
    audit: Arc<Producer>,
}

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {
        println!("{} {}", self.producer.cluster(), self.audit.cluster());
    }
}

struct Mirror;

#[component]
impl Mirror {
    fn init(#[cluster(AUDIT)] admin: Arc<Admin>) -> Self {
        println!("{}", admin.cluster());
        Self
    }
}
