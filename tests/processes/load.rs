//! Messages for the processes.

use harness::{Broker, Delivered, Record};

/// So many messages for one partition of a topic.
pub(crate) async fn produce(broker: &Broker, topic: &str, partition: i32, count: i32) -> Vec<Delivered> {
    let numbers = 0..count;
    broker.produce_many(numbers.map(|number| Record::to(topic).partition(partition).payload(number.to_string()))).await
}
