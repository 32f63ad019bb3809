//! A service made by hand of a plain consumer and producer, so that replies can be whatever a test wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use harness::prelude::*;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::mpsc;

/// Its requests, in the order in which they came.
pub(crate) struct Service {
    pub(crate) topic: String,
    pub(crate) replies: String,
    /// A topic where nothing happens, for the listener of whoever asks.
    pub(crate) idle: String,
    requests: mpsc::UnboundedReceiver<Asked>,
    ended: Arc<AtomicBool>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) partition: i32,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) payload: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_slice())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.payload.as_deref().expect("a payload")).expect("a text")
    }

    /// A reply to it with nothing but its id.
    pub(crate) fn reply(&self) -> Record {
        let topic = std::str::from_utf8(self.header("kafka_replyTopic").expect("a reply topic")).unwrap();
        let partition = self.header("kafka_replyPartition").expect("a reply partition");
        let partition = match <[u8; 4]>::try_from(partition) {
            Ok(bytes) if !partition.is_ascii() || partition.iter().any(u8::is_ascii_control) => {
                i32::from_be_bytes(bytes)
            }
            _ => std::str::from_utf8(partition).unwrap().parse().unwrap(),
        };
        let id = self.header("kafka_correlationId").expect("an id");
        Record::to(topic).partition(partition).header("kafka_correlationId", id)
    }

    /// As a `NestJS` service answers with one value.
    pub(crate) fn value(&self, payload: &str) -> Record {
        self.last().payload(payload)
    }

    /// A reply that is the last and has no payload.
    pub(crate) fn last(&self) -> Record {
        self.reply().header("kafka_nest-is-disposed", [0])
    }

    /// As a `NestJS` service answers with an error.
    pub(crate) fn error(&self, error: &str) -> Record {
        self.reply().header("kafka_nest-err", error).header("kafka_nest-is-disposed", [0])
    }
}

impl Service {
    /// With so many partitions of its own topic and of that for replies; 0 leaves that one out.
    pub(crate) async fn start(broker: &Broker, partitions: i32, replies: i32) -> Self {
        let (topic, idle) = (unique("service"), unique("idle"));
        broker.create_topic(&topic, partitions).await;
        broker.create_topic(&idle, 1).await;
        let reply_topic = format!("{topic}.reply");
        if replies > 0 {
            broker.create_topic(&reply_topic, replies).await;
        }
        let (found, requests) = mpsc::unbounded_channel();
        let ended = Arc::new(AtomicBool::new(false));
        let consumer: BaseConsumer = broker.consumer_config("service").create().expect("a consumer");
        let mut assignment = TopicPartitionList::new();
        for partition in 0..partitions {
            assignment.add_partition_offset(&topic, partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&assignment).expect("an assignment");
        let stop = Arc::clone(&ended);
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                // A broker that is away for a while is what some tests want.
                let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) else { continue };
                let headers = message.headers().map_or_else(Vec::new, |headers| {
                    let owned = |header: rdkafka::message::Header<'_, &[u8]>| {
                        (header.key.to_owned(), header.value.unwrap_or_default().to_vec())
                    };
                    headers.iter().map(owned).collect()
                });
                let asked = Asked {
                    partition: message.partition(),
                    key: message.key().map(<[u8]>::to_vec),
                    payload: message.payload().map(<[u8]>::to_vec),
                    headers,
                };
                if found.send(asked).is_err() {
                    return;
                }
            }
        });
        Self { topic, replies: reply_topic, idle, requests, ended }
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Asked {
        self.requests.recv().await.expect("the service runs")
    }

    /// The requests that have come and were not taken.
    pub(crate) fn try_next(&mut self) -> Option<Asked> {
        self.requests.try_recv().ok()
    }

    /// Answers one request after the other, each with these records in their order.
    pub(crate) async fn serve(&mut self, broker: &Broker, answer: impl Fn(&Asked) -> Vec<Record>) {
        loop {
            let asked = self.next().await;
            for record in answer(&asked) {
                broker.produce(record).await;
            }
        }
    }

    /// Answers while something else goes on.
    pub(crate) async fn serving<T>(
        &mut self,
        broker: &Broker,
        answer: impl Fn(&Asked) -> Vec<Record>,
        other: impl Future<Output = T>,
    ) -> T {
        tokio::select! {
            () = self.serve(broker, answer) => unreachable!("it serves for ever"),
            result = other => result,
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
