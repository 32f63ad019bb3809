use millstream::prelude::*;

use millstream::Bytes;

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

struct Ledger;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    #[expect(clippy::too_many_arguments)]
    async fn on_order(
        &self,
        ctx: &Context,
        Json(Order { id }): Json<Order>,
        text: &str,
        owned: String,
        bytes: Bytes,
        Inject(ledger): Inject<Ledger>,
        #[config("billing.limit")] Config(limit): Config<u32>,
        #[config("billing.rate")] rate: Config<Option<f64>>,
        #[header("hops")] hops: Option<u32>,
        malformed: std::result::Result<Json<Order>, ExtractError>,
    ) {
        let _: &Ledger = &ledger;
        println!(
            "{} {id} {text} {owned} {bytes:?} {limit} {} {hops:?} {}",
            ctx.offset(),
            rate.0.is_some(),
            malformed.is_err()
        );
    }
}
