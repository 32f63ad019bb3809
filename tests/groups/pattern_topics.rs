//! Topics by pattern, those that are created later among them.

use harness::prelude::*;

use crate::load::produce_to_each;
use crate::member::Member;

both_brokers! {
    async fn a_topic_that_matches_and_is_created_later_is_read_from_its_beginning(broker: &Broker) {
        let (prefix, group) = (unique("orders"), unique("billing"));
        let (early, late) = (format!("{prefix}.early"), format!("{prefix}.late"));
        broker.create_topic(&early, 2).await;
        produce_to_each(broker, &early, 2, 5).await;
        let member = Member::of(broker, &group).pattern(&format!("{prefix}\\..*")).ready().await;
        let mut sent = produce_to_each(broker, &early, 2, 5).await;
        member.wait_for_handled(10).await;

        broker.create_topic(&late, 2).await;
        sent.extend(produce_to_each(broker, &late, 2, 5).await);
        member.wait_for_handled(20).await;

        let ledger = member.witness.ledger();
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
        ledger.assert_order_per_partition();
        member.stop().await;
    }

    async fn a_pattern_matches_whole_names_only(broker: &Broker) {
        let (prefix, group) = (unique("orders"), unique("billing"));
        let topics = [format!("{prefix}.eu"), format!("{prefix}.us"), format!("{prefix}.us.old"), format!("not-{prefix}.eu")];
        let mut sent = Vec::new();
        for topic in &topics {
            broker.create_topic(topic, 1).await;
            sent.extend(produce_to_each(broker, topic, 1, 2).await);
        }
        let member =
            Member::of(broker, &group).pattern(&format!("{prefix}\\.(eu|us)")).start_at("earliest").ready().await;

        member.wait_for_handled(4).await;

        assert_eq!(member.partitions(), topics[..2].iter().map(|topic| (topic.clone(), 0)).collect());
        member.witness.ledger().assert_nothing_else_handled(&sent[..4]);
        member.stop().await;
    }

    async fn a_pattern_that_matches_nothing_yet_waits_for_its_first_topic(broker: &Broker) {
        let (prefix, group) = (unique("orders"), unique("billing"));
        // Whether the topic came before the first look or after it is chance here.
        let pattern = format!("{prefix}\\..*");
        let member = Member::of(broker, &group).pattern(&pattern).start_at("earliest").start().await;
        let topic = format!("{prefix}.first");
        broker.create_topic(&topic, 1).await;
        let sent = produce_to_each(broker, &topic, 1, 3).await;

        member.wait_for_handled(3).await;

        member.witness.ledger().assert_nothing_else_handled(&sent);
        member.ready().await;
        member.stop().await;
    }
}
