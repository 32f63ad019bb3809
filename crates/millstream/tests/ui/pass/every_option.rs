use millstream::prelude::*;

#[consumer(
    group_id = "billing",
    cluster = "default",
    enabled = true,
    start = "latest",
    auto_commit = true,
    commit_interval = "1s",
    concurrency = 4,
    order_by = "partition",
    timeout = "30s",
    retries = "forever",
    backoff = "1s",
    on_failure = "pause",
    on_lost_position = "nearest",
    window = 1_000
)]
struct Billing;

#[consumer(from_beginning = true, on_failure = "skip", accept_loss = true)]
impl Billing {
    #[kafka_listener(
        "orders",
        "refunds",
        group_id = "other",
        id = "orders",
        cluster = "default",
        enabled = false,
        start = "2026-01-31T00:00:00Z",
        auto_commit = false,
        commit_interval = "250ms",
        concurrency = 8,
        order_by = "partition",
        timeout = "1m",
        retries = 0,
        backoff = { initial = "1s", max = "1m", factor = 2, jitter = 0.2 },
        on_failure = "stop",
        on_lost_position = "pause",
        window = 10,
    )]
    async fn on_order(&self) {}

    #[kafka_listener(pattern = "orders-.*", from_beginning = false)]
    async fn on_pattern(&self) {}
}

fn main() {}
