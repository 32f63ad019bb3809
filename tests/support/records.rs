//! Producing records, and reading back what a topic holds.

use futures_util::future::join_all;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use rdkafka::util::Timeout;
use rdkafka::{Offset, TopicPartitionList};

use crate::Broker;
use crate::broker::{REQUEST, blocking};
use crate::waiting::Waiting;

/// A record to produce.
#[derive(Debug, Clone)]
pub struct Record {
    topic: String,
    partition: Option<i32>,
    key: Option<Vec<u8>>,
    payload: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    timestamp: Option<i64>,
}

impl Record {
    /// A record for a topic: no key, no payload, any partition.
    pub fn to(topic: &str) -> Self {
        Self {
            topic: topic.to_owned(),
            partition: None,
            key: None,
            payload: None,
            headers: Vec::new(),
            timestamp: None,
        }
    }

    /// The partition, instead of the one that the key chooses.
    #[must_use]
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// The key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The payload; a record without one is a tombstone.
    #[must_use]
    pub fn payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.payload = Some(payload.into());
        self
    }

    /// One more header; a name may repeat.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), Some(value.into())));
        self
    }

    /// One more header, whose value is null.
    #[must_use]
    pub fn null_header(mut self, name: &str) -> Self {
        self.headers.push((name.to_owned(), None));
        self
    }

    /// The timestamp in milliseconds since 1970.
    #[must_use]
    pub fn timestamp(mut self, milliseconds: i64) -> Self {
        self.timestamp = Some(milliseconds);
        self
    }
}

/// Where the broker put a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delivered {
    /// Its topic.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
}

/// A record read back by an independent client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its key, if any.
    pub key: Option<Vec<u8>>,
    /// Its payload; `None` for a tombstone.
    pub payload: Option<Vec<u8>>,
    /// Its headers in their order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// Its timestamp in milliseconds since 1970.
    pub timestamp: Option<i64>,
}

impl Received {
    /// The payload as text.
    ///
    /// # Panics
    /// For a tombstone and for what is not UTF-8.
    pub fn text(&self) -> &str {
        let payload = self.payload.as_deref().expect("the record is a tombstone");
        std::str::from_utf8(payload).expect("the payload is not UTF-8")
    }
}

impl Broker {
    /// Produces one record and waits for the broker's acknowledgement.
    pub async fn produce(&self, record: Record) -> Delivered {
        let _waiting = Waiting::for_(&format!("a record for topic `{}` is acknowledged", record.topic));
        let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
        for (name, value) in &record.headers {
            headers = headers.insert(Header { key: name, value: value.as_ref() });
        }
        let mut wanted = FutureRecord::<[u8], [u8]>::to(&record.topic).headers(headers);
        wanted.partition = record.partition;
        wanted.key = record.key.as_deref();
        wanted.payload = record.payload.as_deref();
        wanted.timestamp = record.timestamp;
        match self.producer().send(wanted, Timeout::Never).await {
            Ok(delivery) => Delivered { topic: record.topic, partition: delivery.partition, offset: delivery.offset },
            Err((error, _)) => panic!("topic `{}` does not take a record: {error}", record.topic),
        }
    }

    /// Produces many records at once and waits for all acknowledgements. Records for one partition keep their order.
    pub async fn produce_many(&self, records: impl IntoIterator<Item = Record>) -> Vec<Delivered> {
        join_all(records.into_iter().map(|record| self.produce(record))).await
    }

    /// Everything a topic holds now, by partition and offset, read without a group. Aborted records are left out.
    pub async fn read_all(&self, topic: &str) -> Vec<Received> {
        let _waiting = Waiting::for_(&format!("all records of topic `{topic}` are read"));
        let observer: BaseConsumer = self
            .consumer_config("reader")
            .set("enable.partition.eof", "true")
            .create()
            .unwrap_or_else(|error| panic!("no reader for topic `{topic}`: {error}"));
        let partitions = self.partitions(topic).await;
        let topic = topic.to_owned();
        blocking(move || read_to_end(&observer, &topic, partitions)).await
    }
}

fn read_to_end(observer: &BaseConsumer, topic: &str, partitions: i32) -> Vec<Received> {
    let mut assignment = TopicPartitionList::new();
    for partition in 0..partitions {
        assignment.add_partition_offset(topic, partition, Offset::Beginning).expect("the beginning is an offset");
    }
    observer.assign(&assignment).unwrap_or_else(|error| panic!("topic `{topic}` cannot be assigned: {error}"));
    let mut open: Vec<i32> = (0..partitions).collect();
    let mut received = Vec::new();
    while !open.is_empty() {
        match observer.poll(REQUEST) {
            Some(Ok(message)) => received.push(copy(&message)),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                open.retain(|other| *other != partition);
            }
            Some(Err(error)) => panic!("topic `{topic}` cannot be read: {error}"),
            None => {
                panic!("topic `{topic}` answers nothing for {REQUEST:?}; partitions {open:?} are not read to the end")
            }
        }
    }
    received.sort_by_key(|record| (record.partition, record.offset));
    received
}

fn copy(message: &BorrowedMessage<'_>) -> Received {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
    });
    Received {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().map(<[u8]>::to_vec),
        payload: message.payload().map(<[u8]>::to_vec),
        headers,
        timestamp: message.timestamp().to_millis(),
    }
}
