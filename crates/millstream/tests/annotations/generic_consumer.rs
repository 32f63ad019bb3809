use millstream::prelude::*;

use serde::de::DeserializeOwned;
use std::marker::PhantomData;

trait Event: DeserializeOwned + Send + 'static {
    const TOPIC: &'static str;
    fn number(&self) -> u64;
}

struct Projector<T, const N: usize> {
    ledger: Arc<dyn Ledger>,
    event: PhantomData<fn() -> T>,
}

trait Ledger: Send + Sync {
    fn add(&self, number: u64);
}

#[consumer]
impl<T, const N: usize> Projector<T, N>
where
    T: Event,
{
    #[kafka_listener(T::TOPIC, id = "projector")]
    async fn on_event(&self, Json(event): Json<T>, _ctx: &Context, more: Option<Json<Vec<T>>>) -> Result<()> {
        pause().await;
        self.ledger.add(event.number() + more.map_or(N as u64, |Json(more)| more.iter().map(T::number).sum()));
        Ok(())
    }

    #[kafka_listener(Self::OTHER)]
    async fn on_other(&self) {}

    const OTHER: &'static str = "other";
}

async fn pause() {}

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

impl Event for Order {
    const TOPIC: &'static str = "orders";

    fn number(&self) -> u64 {
        self.id
    }
}

struct Nothing;

impl Ledger for Nothing {
    fn add(&self, _: u64) {}
}

/// A block of one concrete type of a generic one.
struct Cache<T>(T);

#[consumer]
impl Cache<u64> {
    #[kafka_listener("orders")]
    async fn on_order(&self) {
        println!("{}", self.0);
    }
}

#[test]
fn a_generic_consumer_is_named_with_its_types() {
    let projector: Projector<Order, 2> = Projector { ledger: Arc::new(Nothing), event: PhantomData };
    let _ = App::builder().generic_consumer(projector).consumer(Cache(1_u64));
}
