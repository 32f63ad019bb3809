//! A thousand partitions in one member. A small broker does not bear many such topics: they are deleted.

use harness::prelude::*;

use crate::load::produce_to_each;
use crate::member::Member;

async fn committed_partitions(broker: &Broker, group: &str, topic: &str, offset: i64) -> usize {
    let committed = broker.committed(group, topic).await;
    committed.values().filter(|position| position.offset == offset).count()
}

both_brokers! {
    within(240)
    async fn one_topic_of_a_thousand_partitions_is_read_and_committed_whole(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 1000).await;
        let sent = produce_to_each(broker, &topic, 1000, 3).await;
        let member = Member::of(broker, &group).topics([&topic]).start_at("earliest").ready().await;
        assert_eq!(member.partitions().len(), 1000);

        member.wait_for_handled(sent.len()).await;
        let ledger = member.witness.ledger();
        ledger.assert_every_message_handled(&sent);
        ledger.assert_order_per_partition();
        assert!(ledger.duplicates().is_empty());
        member.stop().await;

        assert_eq!(committed_partitions(broker, &group, &topic, 3).await, 1000);
        if broker.can(Capability::AdminTopics) {
            broker.delete_topic(&topic).await;
        }
    }
}

real_broker! {
    within(240)
    async fn ten_topics_of_a_hundred_partitions_move_between_two_members(broker: &Broker) {
        let (prefix, group) = (unique("orders"), unique("billing"));
        let topics: Vec<String> = (0..10).map(|number| format!("{prefix}.{number}")).collect();
        for topic in &topics {
            broker.create_topic(topic, 100).await;
        }
        let member = || Member::of(broker, &group).pattern(&format!("{prefix}\\..*")).start_at("earliest");
        let first = member().ready().await;
        first.wait_for_partitions(1000).await;
        let second = member().start().await;
        first.wait_for_partitions(500).await;
        second.wait_for_partitions(500).await;

        let mut sent = Vec::new();
        for topic in &topics {
            sent.extend(produce_to_each(broker, topic, 100, 2).await);
        }
        wait_until("everything was handled", async || {
            first.handled().len() + second.handled().len() >= sent.len()
        })
        .await;
        first.stop().await;
        second.wait_for_partitions(1000).await;
        second.stop().await;

        for topic in &topics {
            assert_eq!(committed_partitions(broker, &group, topic, 2).await, 100, "{topic}");
            broker.delete_topic(topic).await;
        }
    }
}
