#[derive(serde::Deserialize)]
struct Order {
    cents: u64,
}

#[millstream::consumer]
struct Totals(#[default] std::sync::Mutex<(u64, u64)>);

#[millstream::consumer]
impl Totals {
    #[kafka_listener("orders", from_beginning = true)]
    async fn on_order(&self, order: millstream::Json<Order>) {
        let Ok(mut sum) = self.0.lock() else { return };
        *sum = (sum.0 + 1, sum.1 + order.cents);
        (sum.0 % 100 == 0).then(|| println!("handled {} orders, total {} cents", sum.0, sum.1));
    }
}

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    millstream::App::from_args()?.run().await
}
