//! The floor of asking: what librdkafka's own calls make of it, a thread on each side.

use super::task::{Asked, Asking, BODY, PARTITIONS, PairTask, SUM, Said, Times};
use crate::child::{hear, say};
use crate::quiet::resident;
use crate::window::Window;
use anyhow::{Context as _, Result, bail, ensure};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);
/// Where the requester is answered.
const REPLY_PARTITION: i32 = 3;
const ID: &str = "kafka_correlationId";
const TOPIC: &str = "kafka_replyTopic";
const PARTITION: &str = "kafka_replyPartition";

/// What Millstream's own clients set, and a producer that waits for nothing.
fn config(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("reconnect.backoff.ms", "10");
    config
}

fn producer(brokers: &str) -> Result<BaseProducer> {
    let mut config = config(brokers);
    config.set("acks", "all").set("enable.idempotence", "true").set("linger.ms", "0");
    Ok(config.set("partitioner", "murmur2_random").create()?)
}

/// Reads these partitions from their ends.
fn consumer(brokers: &str, topic: &str, partitions: impl Iterator<Item = i32>) -> Result<BaseConsumer> {
    let mut config = config(brokers);
    config.set("group.id", "bench-requests-bare").set("enable.auto.commit", "false");
    config.set("fetch.queue.backoff.ms", "5").set("fetch.wait.max.ms", "100");
    let consumer: BaseConsumer = config.create()?;
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        let (_, end) = consumer.fetch_watermarks(topic, partition, PATIENCE)?;
        list.add_partition_offset(topic, partition, Offset::Offset(end))?;
    }
    consumer.assign(&list)?;
    Ok(consumer)
}

/// Answers for as long as the process lives.
pub(super) struct Responder {
    consumer: BaseConsumer,
    producer: BaseProducer,
}

impl Responder {
    pub(super) fn new(task: &PairTask) -> Result<Self> {
        let consumer = consumer(&task.brokers, &task.topic, 0..PARTITIONS)?;
        Ok(Self { consumer, producer: producer(&task.brokers)? })
    }

    pub(super) fn answer_for_ever(self) -> Result<()> {
        let Self { consumer, producer } = self;
        let answer = SUM.to_string();
        loop {
            let Some(request) = consumer.poll(POLL) else { continue };
            let request = request?;
            let id = header(&request, ID).context("a request without an id")?;
            let topic = header(&request, TOPIC).and_then(|topic| std::str::from_utf8(topic).ok());
            let partition = header(&request, PARTITION).and_then(|partition| std::str::from_utf8(partition).ok());
            let headers = OwnedHeaders::new_with_capacity(1).insert(Header { key: ID, value: Some(id) });
            let reply = BaseRecord::<(), str>::to(topic.context("a request without a reply topic")?)
                .partition(partition.context("a request without a reply partition")?.parse()?);
            send(&producer, reply.headers(headers).payload(&answer))?;
            producer.poll(Duration::ZERO);
        }
    }
}

pub(super) fn ask(task: &PairTask) -> Result<()> {
    let mut requester = Requester::new(task)?;
    requester.run(Asking { requests: task.asking.warm_up, step: None, ..task.asking })?;
    say("ready")?;
    hear("go")?;
    let window = Window::open();
    let times = requester.run(task.asking)?;
    let cost = window.cost(task.asking.requests);
    say(&serde_json::to_string(&Said::Done(Asked { cost, times, books: None }))?)?;
    hear("end")
}

struct Requester {
    consumer: BaseConsumer,
    producer: BaseProducer,
    topic: String,
    reply_topic: String,
    /// Of the last request.
    number: u64,
    pending: HashMap<u64, Instant>,
}

impl Requester {
    fn new(task: &PairTask) -> Result<Self> {
        let reply_topic = format!("{}.reply", task.topic);
        let consumer = consumer(&task.brokers, &reply_topic, std::iter::once(REPLY_PARTITION))?;
        let (producer, topic) = (producer(&task.brokers)?, task.topic.clone());
        Ok(Self { consumer, producer, topic, reply_topic, number: 0, pending: HashMap::new() })
    }

    fn run(&mut self, asking: Asking) -> Result<Times> {
        let mut times = Vec::with_capacity(if asking.step.is_none() { usize::try_from(asking.requests)? } else { 0 });
        for _ in 0..asking.in_flight.min(asking.requests) {
            self.send()?;
        }
        let last = self.number + asking.requests - asking.in_flight.min(asking.requests);
        let mut answered = 0;
        while answered < asking.requests {
            let began = self.answered()?;
            answered += 1;
            match asking.step {
                None => times.push(u64::try_from(began.elapsed().as_nanos())?),
                Some(step) if answered % step == 0 => {
                    say(&serde_json::to_string(&Said::Step { answered, resident: resident()? })?)?;
                }
                Some(_) => {}
            }
            if self.number < last {
                self.send()?;
            }
        }
        Ok(Times::of(times))
    }

    fn send(&mut self) -> Result<()> {
        self.number += 1;
        let (id, partition) = (self.number.to_string(), REPLY_PARTITION.to_string());
        let headers = OwnedHeaders::new_with_capacity(3)
            .insert(Header { key: ID, value: Some(&id) })
            .insert(Header { key: TOPIC, value: Some(&self.reply_topic) })
            .insert(Header { key: PARTITION, value: Some(&partition) });
        self.pending.insert(self.number, Instant::now());
        send(&self.producer, BaseRecord::<(), str>::to(&self.topic).headers(headers).payload(BODY))?;
        self.producer.poll(Duration::ZERO);
        Ok(())
    }

    /// Waits for the next reply, and says when its request was sent.
    fn answered(&mut self) -> Result<Instant> {
        let end = Instant::now() + PATIENCE;
        loop {
            ensure!(Instant::now() < end, "{} requests wait for {PATIENCE:?}", self.pending.len());
            let Some(reply) = self.consumer.poll(POLL) else { continue };
            let reply = reply?;
            let number = header(&reply, ID).and_then(|id| std::str::from_utf8(id).ok()?.parse().ok());
            let number: u64 = number.context("a reply without an id")?;
            let sum: i64 = std::str::from_utf8(reply.payload().unwrap_or_default())?.parse()?;
            ensure!(sum == SUM, "{sum} is not the sum");
            return self.pending.remove(&number).context("a reply that nobody waits for");
        }
    }
}

fn send(producer: &BaseProducer, record: BaseRecord<'_, (), str>) -> Result<()> {
    match producer.send(record) {
        Ok(()) => Ok(()),
        Err((error, _)) => bail!(error),
    }
}

fn header<'a>(message: &'a BorrowedMessage<'_>, name: &str) -> Option<&'a [u8]> {
    message.headers()?.iter().find(|header| header.key == name)?.value
}
