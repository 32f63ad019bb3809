//! What a group committed and who is in it, asked by a client that is no member.

use std::collections::BTreeMap;

use rdkafka::consumer::Consumer as _;
use rdkafka::{Offset, TopicPartitionList};

use crate::broker::{REQUEST, blocking};
use crate::kafka_tool::{column, rows};
use crate::{Broker, Capability};

/// A position as the broker stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Where the group resumes.
    pub offset: i64,
    /// The text stored beside it.
    pub metadata: String,
}

/// A member of a group as the broker knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id that the member or the broker chose.
    pub id: String,
    /// The `client.id`.
    pub client_id: String,
    /// The address.
    pub host: String,
}

impl Broker {
    /// The positions of a group in a topic, by partition; partitions without a position are absent.
    pub async fn committed(&self, group: &str, topic: &str) -> BTreeMap<i32, Committed> {
        let partitions = self.partitions(topic).await;
        let observer = self.observer(group);
        let (group, topic) = (group.to_owned(), topic.to_owned());
        blocking(move || {
            let mut wanted = TopicPartitionList::new();
            for partition in 0..partitions {
                wanted.add_partition(&topic, partition);
            }
            let found = observer
                .committed_offsets(wanted, REQUEST)
                .unwrap_or_else(|error| panic!("the positions of group `{group}` cannot be read: {error}"));
            found
                .elements()
                .iter()
                .filter_map(|element| {
                    if let Err(error) = element.error() {
                        panic!(
                            "the position of group `{group}` in {topic}/{} cannot be read: {error}",
                            element.partition()
                        );
                    }
                    let Offset::Offset(offset) = element.offset() else {
                        return None;
                    };
                    let metadata = element.metadata().to_owned();
                    Some((element.partition(), Committed { offset, metadata }))
                })
                .collect()
        })
        .await
    }

    /// [`committed`](Self::committed) as Kafka's own `kafka-consumer-groups` tells it.
    pub async fn committed_by_kafka_tool(&self, group: &str, topic: &str) -> BTreeMap<i32, i64> {
        let text = self.kafka_tool("consumer-groups", &["--describe", "--offsets", "--group", group]).await;
        rows(&text)
            .iter()
            .filter(|row| column(row, "TOPIC") == topic)
            .filter_map(|row| {
                let offset = column(row, "CURRENT-OFFSET").parse().ok()?;
                Some((column(row, "PARTITION").parse().ok()?, offset))
            })
            .collect()
    }

    /// The state of a group of the classic protocol: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance` or
    /// `Dead`; an unknown group and one of KIP-848 are `Dead`.
    pub async fn group_state(&self, group: &str) -> String {
        self.require(Capability::DescribeGroups);
        self.describe(group).await.0
    }

    /// The members of a group of the classic protocol.
    pub async fn group_members(&self, group: &str) -> Vec<Member> {
        self.require(Capability::DescribeGroups);
        self.describe(group).await.1
    }

    /// The members of a group of any protocol, as Kafka's own `kafka-consumer-groups` tells them.
    pub async fn group_members_by_kafka_tool(&self, group: &str) -> Vec<Member> {
        let text = self.kafka_tool("consumer-groups", &["--describe", "--members", "--group", group]).await;
        rows(&text)
            .iter()
            .map(|row| Member {
                id: column(row, "CONSUMER-ID").to_owned(),
                client_id: column(row, "CLIENT-ID").to_owned(),
                host: column(row, "HOST").to_owned(),
            })
            .collect()
    }

    async fn describe(&self, group: &str) -> (String, Vec<Member>) {
        let observer = self.observer("observer");
        let group = group.to_owned();
        blocking(move || {
            let list = observer
                .fetch_group_list(Some(&group), REQUEST)
                .unwrap_or_else(|error| panic!("group `{group}` cannot be described: {error}"));
            let Some(found) = list.groups().iter().find(|entry| entry.name() == group) else {
                return ("Dead".to_owned(), Vec::new());
            };
            let members = found.members().iter().map(|member| Member {
                id: member.id().to_owned(),
                client_id: member.client_id().to_owned(),
                host: member.client_host().to_owned(),
            });
            (found.state().to_owned(), members.collect())
        })
        .await
    }
}
