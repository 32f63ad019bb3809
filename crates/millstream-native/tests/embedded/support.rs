//! A cluster, members of groups, and waiting for a state.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions, EmbeddedRecord};
use millstream_native::{
    Batch, Client, ClientOptions, Event, PartitionQueue, RebalanceProtocol, StartAt, TopicPartition, Waker,
};

/// Long enough for the slowest machine; a test that needs it has failed.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) fn cluster(topics: &[(&str, i32)]) -> EmbeddedCluster {
    let topics = topics.iter().map(|(name, partitions)| ((*name).to_owned(), *partitions)).collect();
    EmbeddedCluster::start(EmbeddedOptions { topics, ..EmbeddedOptions::default() }).expect("a cluster")
}

/// A flag that wakers set and tests wait for.
#[derive(Clone, Default)]
pub(crate) struct Bell(Arc<(Mutex<bool>, Condvar)>);

impl Bell {
    pub(crate) fn waker(&self) -> Waker {
        let bell = self.clone();
        Arc::new(move || bell.ring())
    }

    pub(crate) fn ring(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Waits for a ring since the last wait; false when the time is over.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let mut rung = self.0.1.wait_timeout_while(self.0.0.lock().unwrap(), timeout, |rung| !*rung).unwrap().0;
        std::mem::take(&mut *rung)
    }
}

/// Asks again and again, woken by the bell, until there is an answer.
pub(crate) fn until<T>(bell: &Bell, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "{what}: not seen within {LIMIT:?}");
        // Not every state rings the bell, so it is looked at now and then too.
        bell.wait(Duration::from_millis(20));
    }
}

/// A consumer with its bell.
pub(crate) struct Member {
    pub(crate) client: Client,
    pub(crate) bell: Bell,
}

pub(crate) fn options(cluster: &EmbeddedCluster, group: &str, more: &[(&str, &str)]) -> ClientOptions {
    let bootstrap = cluster.bootstrap();
    let common = [
        ("bootstrap.servers", bootstrap.as_str()),
        ("group.id", group),
        ("group.protocol", "consumer"),
        ("fetch.wait.max.ms", "10"),
        ("reconnect.backoff.max.ms", "300"),
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
    ];
    let properties = common.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ClientOptions { properties }
}

impl Member {
    pub(crate) fn new(cluster: &EmbeddedCluster, group: &str) -> Member {
        Member::with(cluster, group, &[])
    }

    pub(crate) fn with(cluster: &EmbeddedCluster, group: &str, more: &[(&str, &str)]) -> Member {
        let bell = Bell::default();
        let client = Client::consumer(&options(cluster, group, more), bell.waker()).expect("a consumer");
        Member { client, bell }
    }

    /// The first event that the function takes; others are dropped.
    pub(crate) fn event<T>(&self, what: &str, mut take: impl FnMut(Event) -> Option<T>) -> T {
        until(&self.bell, what, || {
            while let Some(event) = self.client.poll() {
                if let Some(taken) = take(event) {
                    return Some(taken);
                }
            }
            None
        })
    }

    /// Subscribes and waits until this many partitions were handed out, unanswered.
    pub(crate) fn subscribe(&self, topic: &str) -> Vec<TopicPartition> {
        self.client.subscribe(&[topic]).unwrap();
        self.event("an assignment", |event| match event {
            Event::Assign(partitions) => Some(partitions),
            _ => None,
        })
    }

    /// Subscribes, splits a queue off for each partition, and starts them all at their beginning.
    pub(crate) fn read_all(&self, topic: &str) -> Vec<PartitionQueue> {
        let partitions = self.subscribe(topic);
        let (queues, starts) = self.split(&partitions);
        self.client.incremental_assign(&starts).unwrap();
        queues
    }

    /// As `read_all`, for a classic group with an eager strategy.
    pub(crate) fn read_all_eagerly(&self, topic: &str) -> Vec<PartitionQueue> {
        let partitions = self.subscribe(topic);
        assert_eq!(self.client.protocol(), RebalanceProtocol::Eager);
        let (queues, starts) = self.split(&partitions);
        self.client.assign(&starts).unwrap();
        queues
    }

    fn split<'a>(&self, partitions: &'a [TopicPartition]) -> (Vec<PartitionQueue>, Vec<StartAt<'a>>) {
        partitions
            .iter()
            .map(|at| {
                let queue = self.client.partition_queue(&at.topic, at.partition, self.bell.waker()).unwrap();
                (queue, StartAt { topic: &at.topic, partition: at.partition, offset: 0 })
            })
            .unzip()
    }

    /// Takes from one queue until the batch holds this many.
    pub(crate) fn take(&self, queue: &PartitionQueue, batch: &mut Batch, count: usize) {
        until(&self.bell, "messages", || {
            queue.take(batch, count.saturating_sub(batch.len()));
            (batch.len() >= count).then_some(())
        });
    }
}

pub(crate) fn record<'a>(topic: &'a str, partition: i32, payload: &'a str) -> EmbeddedRecord<'a> {
    EmbeddedRecord { partition: Some(partition), payload: Some(payload.as_bytes()), ..EmbeddedRecord::to(topic) }
}

pub(crate) fn text(message: &millstream_native::Message) -> String {
    String::from_utf8(message.payload().expect("a payload").to_vec()).unwrap()
}

/// Writes `count` messages named by their offsets to one partition.
pub(crate) fn fill(cluster: &EmbeddedCluster, topic: &str, partition: i32, count: usize) {
    let payloads: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    cluster.produce_all(payloads.iter().map(|payload| record(topic, partition, payload)), LIMIT).unwrap();
}
