//! Messages that arrive while a test does something else.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use harness::{Broker, Delivered, Record};

/// How many messages each partition gets at once.
const AT_ONCE: i32 = 4;
/// Keeps the load well below what a handler can do, so that a test does not end behind a mountain.
const PAUSE: Duration = Duration::from_millis(50);

/// Produces to the first `partitions` partitions of a topic until `meanwhile` has ended. Tells what was produced, and
/// what `meanwhile` returned.
pub(crate) async fn under_load<T>(
    broker: &Broker,
    topic: &str,
    partitions: i32,
    meanwhile: impl Future<Output = T>,
) -> (Vec<Delivered>, T) {
    let over = AtomicBool::new(false);
    let producing = async {
        let mut delivered = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let records = (0..partitions * AT_ONCE)
                .map(|number| Record::to(topic).partition(number % partitions).payload(number.to_string()));
            delivered.extend(broker.produce_many(records).await);
            tokio::time::sleep(PAUSE).await;
        }
        delivered
    };
    let doing = async {
        let done = meanwhile.await;
        over.store(true, Ordering::Relaxed);
        done
    };
    tokio::join!(producing, doing)
}

/// So many messages for each of the first `partitions` partitions of a topic.
pub(crate) async fn produce_to_each(broker: &Broker, topic: &str, partitions: i32, count: i32) -> Vec<Delivered> {
    let numbers = (0..partitions).flat_map(|partition| (0..count).map(move |number| (partition, number)));
    let records = numbers.map(|(partition, number)| Record::to(topic).partition(partition).payload(number.to_string()));
    broker.produce_many(records).await
}
