//! Creating, growing and emptying topics.

use rdkafka::admin::{AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::consumer::Consumer as _;
use rdkafka::{Offset, TopicPartitionList};

use crate::broker::{REQUEST, blocking};
use crate::{Broker, Capability, wait_until};

impl Broker {
    /// Creates a topic, replicated as the cluster likes it, and waits until every partition has a leader.
    pub async fn create_topic(&self, topic: &str, partitions: i32) {
        self.create_topic_with(topic, partitions, &[]).await;
    }

    /// [`create_topic`](Self::create_topic) with Kafka's own topic settings, such as `("retention.ms", "1000")`.
    pub async fn create_topic_with(&self, topic: &str, partitions: i32, settings: &[(&str, &str)]) {
        if let Some(cluster) = &self.embedded {
            assert!(
                settings.is_empty(),
                "the embedded broker has no topic settings; write this test with `real_broker!`"
            );
            cluster
                .create_topic(topic, partitions)
                .unwrap_or_else(|error| panic!("cannot create topic `{topic}`: {error}"));
        } else {
            // -1 is the cluster's default, which differs between one node and three.
            let mut wanted = NewTopic::new(topic, partitions, TopicReplication::Fixed(-1));
            for (name, value) in settings {
                wanted = wanted.set(name, value);
            }
            let answer = self.admin().create_topics([&wanted], &options()).await;
            check(answer, &format!("create topic `{topic}`"));
        }
        self.wait_for_partitions(topic, partitions).await;
    }

    /// Gives a topic more partitions, so that it has `total`, and waits until they have leaders.
    pub async fn add_partitions(&self, topic: &str, total: i32) {
        self.require(Capability::AddPartitions);
        let count = usize::try_from(total).expect("a partition count is positive");
        let wanted = NewPartitions::new(topic, count);
        let answer = self.admin().create_partitions([&wanted], &options()).await;
        check(answer, &format!("grow topic `{topic}` to {total} partitions"));
        self.wait_for_partitions(topic, total).await;
    }

    /// Deletes a topic.
    pub async fn delete_topic(&self, topic: &str) {
        self.require(Capability::AdminTopics);
        let answer = self.admin().delete_topics(&[topic], &options()).await;
        check(answer, &format!("delete topic `{topic}`"));
    }

    /// Deletes the records of a partition below an offset, and waits until the partition begins there.
    pub async fn delete_records(&self, topic: &str, partition: i32, before: i64) {
        self.require(Capability::DeleteRecords);
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(topic, partition, Offset::Offset(before)).expect("an offset of a partition");
        let answer = self.admin().delete_records(&offsets, &options()).await;
        let answer = answer.unwrap_or_else(|error| panic!("cannot delete records of {topic}/{partition}: {error}"));
        for element in answer.elements() {
            if let Err(error) = element.error() {
                panic!("cannot delete records of {topic}/{partition} below {before}: {error}");
            }
        }
        wait_until("the partition begins at its first kept record", async || {
            self.watermarks(topic, partition).await.0 == before
        })
        .await;
    }

    /// How many partitions a topic has; 0 without the topic.
    pub async fn partitions(&self, topic: &str) -> i32 {
        self.leaders(topic).await.len().try_into().expect("a partition count")
    }

    /// The first offset of a partition and the one after its last.
    pub async fn watermarks(&self, topic: &str, partition: i32) -> (i64, i64) {
        let observer = self.observer("watermarks");
        let topic = topic.to_owned();
        blocking(move || {
            observer
                .fetch_watermarks(&topic, partition, REQUEST)
                .unwrap_or_else(|error| panic!("no watermarks of {topic}/{partition}: {error}"))
        })
        .await
    }

    async fn wait_for_partitions(&self, topic: &str, partitions: i32) {
        let count = usize::try_from(partitions).expect("a partition count is positive");
        let what = format!("topic `{topic}` has {partitions} partitions with leaders");
        wait_until(&what, async || {
            let leaders = self.leaders(topic).await;
            leaders.len() == count && leaders.iter().all(|leader| *leader >= 0)
        })
        .await;
    }

    /// The leader of each partition; -1 for none.
    async fn leaders(&self, topic: &str) -> Vec<i32> {
        let observer = self.observer("leaders");
        let topic = topic.to_owned();
        blocking(move || {
            // While brokers start or move, the question itself may fail: the caller asks again.
            let Ok(metadata) = observer.fetch_metadata(Some(&topic), REQUEST) else {
                return Vec::new();
            };
            let found = metadata.topics().iter().find(|entry| entry.name() == topic);
            found.map_or_else(Vec::new, |entry| {
                entry.partitions().iter().map(rdkafka::metadata::MetadataPartition::leader).collect()
            })
        })
        .await
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(REQUEST)).operation_timeout(Some(REQUEST))
}

fn check(answer: rdkafka::error::KafkaResult<Vec<rdkafka::admin::TopicResult>>, what: &str) {
    let results = answer.unwrap_or_else(|error| panic!("cannot {what}: {error}"));
    for result in results {
        if let Err((_, error)) = result {
            panic!("cannot {what}: {error}");
        }
    }
}
