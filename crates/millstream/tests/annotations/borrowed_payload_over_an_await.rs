use millstream::prelude::*;

#[derive(serde::Deserialize)]
struct Order<'a> {
    id: u64,
    name: &'a str,
}

struct Billing;

async fn pause() {}

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, Json(order): Json<Order<'_>>, key: Option<Key<&str>>, payload: &[u8]) -> Result<()> {
        pause().await;
        println!("{} {} {:?} {}", order.id, order.name, key.map(|Key(key)| key), payload.len());
        Ok(())
    }
}
