use millstream::prelude::*;

use std::time::Duration;

mod settings {
    pub const ORDERS: &str = "orders";
    pub const RETRIES: u32 = 3;
    pub const ORDER: &str = "none";
    pub const RATE: &str = "1/s";
    pub const BYTES: u64 = 1 << 20;
    pub const DEAD: &str = "dead";
    pub const FIELD: &str = "order.id";
    pub const LEASE: &str = "1m";
    pub const DELAYS: [&str; 2] = ["5s", "1m"];
    pub const HEADER: &str = "trace-id";
    pub const KEY: &str = "billing.currency";
}

const LIMIT: Duration = Duration::from_secs(30);

#[consumer(group_id = settings::ORDERS, enabled = Billing::ENABLED)]
struct Billing {
    #[config(settings::KEY)]
    currency: String,
}

impl Billing {
    const ENABLED: bool = true;
    const WINDOW: u32 = 100;
}

#[consumer]
impl Billing {
    const REFUNDS: &str = "refunds";
    const SLOWEST: &str = "10m";

    #[kafka_listener(
        settings::ORDERS,
        Self::REFUNDS,
        retries = settings::RETRIES,
        timeout = LIMIT,
        window = Self::WINDOW,
        auto_commit = Self::ENABLED,
        order_by = settings::ORDER,
        rate = settings::RATE,
        window_bytes = settings::BYTES,
        deadline = LIMIT,
        retry_topics = [LIMIT, "1m", Self::SLOWEST],
        reorder = Self::ENABLED,
        dead_letter = { topic = settings::DEAD, spring_headers = Self::ENABLED },
        max_crashes = settings::RETRIES,
        idempotent(key = settings::FIELD, ttl = LIMIT, lease = settings::LEASE, store = settings::ORDERS)
    )]
    async fn on_order(
        &self,
        #[header(settings::HEADER)] _trace: Option<&str>,
        #[config(settings::KEY)] _currency: Config<String>,
    ) {
        println!("{}", self.currency);
    }

    #[kafka_listener("c", retry_topics = settings::DELAYS, order_by = "none", dead_letter = settings::DEAD, idempotent(key = header(settings::HEADER)))]
    async fn on_return(&self) {}
}
