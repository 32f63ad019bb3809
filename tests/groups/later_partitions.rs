//! Partitions that are added to a topic are read from their beginning, wherever the group started.

use std::sync::Arc;

use harness::prelude::*;

use crate::load::{produce_to_each, under_load};
use crate::member::Member;
use crate::witness::Witness;

async fn added_under_load(broker: &Broker, protocol: &str) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, 2).await;
    let history = produce_to_each(broker, &topic, 2, 5).await;
    let witness = Arc::new(Witness::default());
    let member = || {
        Member::of(broker, &group)
            .topics([&topic])
            .protocol(protocol)
            // How soon librdkafka notices.
            .property("topic.metadata.refresh.interval.ms", "1000")
            .seen_by(&witness)
    };
    let first = member().ready().await;
    let second = member().ready().await;

    let (mut sent, late) = under_load(broker, &topic, 2, async {
        first.wait_for_handled(20).await;
        second.wait_for_handled(20).await;
        broker.add_partitions(&topic, 4).await;
        let late = produce_to_each(&with_new_producer(broker), &topic, 4, 20).await;
        first.wait_for_partitions(2).await;
        second.wait_for_partitions(2).await;
        late
    })
    .await;
    sent.extend(late);
    wait_until("everything was handled", async || witness.ledger().times().len() >= sent.len()).await;
    first.stop().await;
    second.stop().await;

    let ledger = witness.ledger();
    ledger.assert_every_message_handled(&sent);
    ledger.assert_nothing_else_handled(&sent);
    ledger.assert_order_per_partition();
    witness.assert_no_overlap();
    assert!(!history.is_empty());
}

/// A producer that knows a topic keeps its number of partitions for minutes.
fn with_new_producer(broker: &Broker) -> Broker {
    assert_eq!(broker.kind(), BrokerKind::Real);
    Broker::real().expect("the broker of this test")
}

real_broker! {
    within(180)
    async fn a_partition_added_under_load_is_read_from_its_beginning_although_the_group_started_at_the_end(broker: &Broker) {
        added_under_load(broker, "cooperative").await;
    }

    within(180)
    async fn a_partition_added_under_load_is_read_from_its_beginning_with_the_eager_protocol(broker: &Broker) {
        added_under_load(broker, "eager").await;
    }

    within(180)
    async fn a_partition_added_under_load_is_read_from_its_beginning_with_the_consumer_protocol(broker: &Broker) {
        added_under_load(broker, "consumer").await;
    }

    async fn a_partition_added_while_nobody_ran_is_read_from_its_beginning(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        produce_to_each(broker, &topic, 2, 5).await;
        // It met the topic with two partitions, and nothing came while it ran.
        Member::of(broker, &group).topics([&topic]).ready().await.stop().await;
        broker.add_partitions(&topic, 4).await;
        let sent = produce_to_each(&with_new_producer(broker), &topic, 4, 5).await;

        let second = Member::of(broker, &group).topics([&topic]).ready().await;
        second.wait_for_handled(sent.len()).await;

        let ledger = second.witness.ledger();
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
        second.stop().await;
    }

    async fn a_partition_added_to_a_topic_that_itself_came_later_is_read_from_its_beginning(broker: &Broker) {
        let (there, topic, group) = (unique("refunds"), unique("orders"), unique("billing"));
        broker.create_topic(&there, 1).await;
        // It is ready: it has seen that the other topic does not exist.
        let first = Member::of(broker, &group).topics([&there, &topic]).ready().await;
        broker.create_topic(&topic, 2).await;
        let mut sent = produce_to_each(broker, &topic, 2, 5).await;
        first.wait_for_handled(10).await;
        first.stop().await;
        broker.add_partitions(&topic, 4).await;
        sent.extend(produce_to_each(&with_new_producer(broker), &topic, 4, 5).await);

        let second = Member::of(broker, &group).topics([&there, &topic]).ready().await;
        second.wait_for_handled(20).await;

        second.witness.ledger().assert_every_message_handled(&sent[10..]);
        second.stop().await;
    }
}
