use millstream::Producer;
use millstream::prelude::*;

#[consumer]
struct Billing {
    #[config]
    currency: String,
    #[config("")]
    name: String,
    #[config("a", "b")]
    both: String,
    #[config("billing.limit")]
    #[default]
    limit: u32,
    #[header("trace-id")]
    trace: String,
    #[default = 3]
    count: u32,
    #[cluster]
    producer: Arc<Producer>,
    #[cluster("")]
    other: Arc<Producer>,
    #[cluster("audit")]
    #[config("audit")]
    either: Arc<Producer>,
}

fn main() {}
