//! Positions and members of groups.

use harness::prelude::*;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

fn commit(broker: &Broker, group: &str, topic: &str, partition: i32, offset: i64, metadata: &str) {
    let consumer: BaseConsumer = broker.consumer_config(group).create().unwrap();
    let mut positions = TopicPartitionList::new();
    let mut element = positions.add_partition(topic, partition);
    element.set_offset(Offset::Offset(offset)).unwrap();
    element.set_metadata(metadata);
    consumer.commit(&positions, CommitMode::Sync).unwrap();
}

both_brokers! {
    async fn a_committed_position_is_read_back_with_its_metadata(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 3).await;
        broker.produce_many((0..5).map(|n| Record::to(&topic).partition(1).payload(n.to_string()))).await;
        assert!(broker.committed(&group, &topic).await.is_empty());

        commit(broker, &group, &topic, 1, 4, "from a test");

        let committed = broker.committed(&group, &topic).await;
        let expected = Committed { offset: 4, metadata: "from a test".to_owned() };
        assert_eq!(committed.into_iter().collect::<Vec<_>>(), [(1, expected)]);
    }
}

real_broker! {
    async fn kafkas_own_tool_agrees_on_a_position(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        broker.produce_many((0..5).map(|n| Record::to(&topic).partition(0).payload(n.to_string()))).await;
        commit(broker, &group, &topic, 0, 3, "");
        let by_tool = broker.committed_by_kafka_tool(&group, &topic).await;
        assert_eq!(by_tool.into_iter().collect::<Vec<_>>(), [(0, 3)]);
    }

    async fn members_of_both_protocols_are_seen(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 2).await;
        let (classic, modern) = (unique("classic"), unique("modern"));
        let first: BaseConsumer = joined(broker.consumer_config(&classic).set("client.id", "first"), &topic);
        let mut config = broker.client_config();
        config.set("group.id", &modern).set("group.protocol", "consumer").set("client.id", "second");
        let second: BaseConsumer = joined(&config, &topic);

        wait_until("the classic group is stable", async || {
            // A consumer only joins while it is polled.
            drop(first.poll(std::time::Duration::ZERO));
            broker.group_state(&classic).await == "Stable"
        })
        .await;
        assert_eq!(broker.group_members(&classic).await[0].client_id, "first");

        wait_until("the other group has its member", async || {
            drop(second.poll(std::time::Duration::ZERO));
            broker.group_members_by_kafka_tool(&modern).await.iter().any(|member| member.client_id == "second")
        })
        .await;
        assert_eq!(broker.group_members_by_kafka_tool(&classic).await.len(), 1);
    }
}

fn joined(config: &rdkafka::ClientConfig, topic: &str) -> BaseConsumer {
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    consumer
}
