use millstream::layer::{Layer, LayerFuture, Next};
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
    window = 1_000,
    window_bytes = "64KiB",
    rate = "500/s",
    deadline = "1h",
    retry_on(std::io::Error),
    terminal(Declined, Wrapped<u8, u16>),
    retry_topics = ["5s", "1m"],
    reorder = true,
    dead_letter = "orders.dead",
    max_crashes = 0,
    layers(Audit),
    wire = "nest"
)]
struct Billing;

#[derive(Debug)]
struct Declined;

impl std::fmt::Display for Declined {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("declined")
    }
}

impl std::error::Error for Declined {}

#[derive(Debug)]
struct Wrapped<A, B>(std::marker::PhantomData<(A, B)>);

impl<A, B> std::fmt::Display for Wrapped<A, B> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("wrapped")
    }
}

impl<A: std::fmt::Debug, B: std::fmt::Debug> std::error::Error for Wrapped<A, B> {}

#[component]
struct Audit;

impl Layer for Audit {
    fn handle<'m>(&'m self, _: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(next.run())
    }
}

fn order_key(context: &Context) -> Option<String> {
    Some(context.offset().to_string())
}

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
        window_bytes = "8MiB",
        rate = "20/250ms",
        deadline = "10m",
        retry_on(std::num::ParseIntError, Declined),
        terminal(std::io::Error),
        retry_topics = ["5s", "1m", "10m"],
        reorder = false,
        dead_letter = { topic = "{topic}.{group_id}.{listener}.dead", spring_headers = true },
        max_crashes = 5,
        idempotent(key = "order.id", ttl = "24h", lease = "5m", store = "orders"),
        layers("log-outcomes", Audit),
    )]
    async fn on_order(&self) {}

    #[kafka_listener(pattern = "orders-.*", from_beginning = false)]
    async fn on_pattern(&self) {}

    #[kafka_listener("orders", blocking, order_by = "key", idempotent(key = header("x-id")))]
    fn on_thread(&self, payload: &[u8], context: &Context) -> Result<(), Declined> {
        if payload.len() > context.headers().iter().count() { Ok(()) } else { Err(Declined) }
    }

    #[kafka_listener("orders", order_by = "none", on_failure = "dead_letter", idempotent(key = message_key))]
    async fn on_any(&self) {}

    #[kafka_listener("orders", idempotent(key = with(order_key), ttl = "1h"))]
    async fn on_keyed(&self) {}
}
