use millstream::prelude::*;

use std::time::Duration;

mod settings {
    pub const ORDERS: &str = "orders";
    pub const RETRIES: u32 = 3;
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

    #[kafka_listener(
        settings::ORDERS,
        Self::REFUNDS,
        retries = settings::RETRIES,
        timeout = LIMIT,
        window = Self::WINDOW,
        auto_commit = Self::ENABLED
    )]
    async fn on_order(&self, #[header(settings::HEADER)] _trace: Option<&str>, #[config(settings::KEY)] _currency: Config<String>) {
        println!("{}", self.currency);
    }
}

fn main() {}
