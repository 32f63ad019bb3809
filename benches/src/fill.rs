//! Fills topics, in batches of the size that an application's producer would send.

use anyhow::{Context, Result, bail};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The bytes of one record batch.
const BATCH_BYTES: &str = "16384";

/// The topics to fill, each partition alike.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Filling {
    pub(crate) topics: Vec<String>,
    pub(crate) partitions: Vec<i32>,
    /// How many messages each partition gets.
    pub(crate) depth: u64,
    /// How many keys they have, in turn; none of them is another partition's.
    pub(crate) keys: u64,
    pub(crate) payload_bytes: usize,
}

/// Counts deliveries.
struct Delivered(Arc<AtomicU64>);

impl ClientContext for Delivered {}

impl ProducerContext for Delivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_ok() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes everything and waits until the broker has acknowledged it.
pub(crate) fn fill(brokers: &str, filling: &Filling) -> Result<()> {
    let delivered = Arc::new(AtomicU64::new(0));
    let producer: BaseProducer<Delivered> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("batch.size", BATCH_BYTES)
        .set("linger.ms", "5")
        .set("queue.buffering.max.messages", "1000000")
        .create_with_context(Delivered(Arc::clone(&delivered)))?;
    let payload = payload(filling.payload_bytes);
    let mut written = 0_u64;
    for topic in &filling.topics {
        for partition in &filling.partitions {
            let first = u64::from(partition.unsigned_abs()) * filling.keys;
            for number in 0..filling.depth {
                let key = format!("{:08}", first + number % filling.keys.max(1));
                let mut record = BaseRecord::to(topic).partition(*partition).key(&key).payload(&payload);
                while let Err((error, back)) = producer.send(record) {
                    if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                        return Err(error).context(format!("{topic}/{partition} cannot be filled"));
                    }
                    producer.poll(Duration::from_millis(10));
                    record = back;
                }
                written += 1;
            }
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(Duration::from_secs(120)).context("the broker does not take what is written")?;
    match delivered.load(Ordering::Relaxed) {
        count if count == written => Ok(()),
        count => bail!("only {count} of {written} messages were acknowledged"),
    }
}

/// A JSON object of that size.
fn payload(bytes: usize) -> Vec<u8> {
    let (head, tail) = (r#"{"id":4711,"cents":1999,"note":""#, r#""}"#);
    let mut payload = head.as_bytes().to_vec();
    payload.resize(bytes.saturating_sub(tail.len()).max(head.len()), b'x');
    payload.extend_from_slice(tail.as_bytes());
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_has_the_wanted_size_and_is_json() {
        let payload = payload(100);
        assert_eq!(payload.len(), 100);
        assert!(serde_json::from_slice::<serde_json::Value>(&payload).is_ok());
    }
}
