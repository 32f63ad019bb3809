//! A position that no longer exists.

use std::collections::BTreeMap;

use harness::prelude::*;
use millstream::{Event, PartitionState};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

use crate::load::produce_to_each;
use crate::member::{LISTENER, Member, MemberBuilder};

/// A topic of one partition that holds 12 to 19, and a group whose position is 5.
async fn deleted_below(broker: &Broker) -> (String, String) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, 1).await;
    produce_to_each(broker, &topic, 1, 20).await;
    commit(broker, &group, &topic, 5);
    broker.delete_records(&topic, 0, 12).await;
    (topic, group)
}

fn commit(broker: &Broker, group: &str, topic: &str, offset: i64) {
    let consumer: BaseConsumer = broker.consumer_config(group).create().unwrap();
    let mut positions = TopicPartitionList::new();
    positions.add_partition_offset(topic, 0, Offset::Offset(offset)).unwrap();
    consumer.commit(&positions, CommitMode::Sync).unwrap();
}

/// The lost position and where reading goes on.
async fn lost(member: &Member) -> (i64, Option<i64>) {
    member
        .wait_for_event("that its position is lost", |event| match event {
            Event::PositionLost { position, resumed_at, .. } => Some((*position, *resumed_at)),
            _ => None,
        })
        .await
}

fn offsets(member: &Member) -> Vec<i64> {
    member.handled().iter().map(|message| message.offset).collect()
}

async fn wait_for_position(broker: &Broker, group: &str, topic: &str, offset: i64) {
    wait_until(&format!("the position is {offset}"), async || {
        let positions: BTreeMap<_, _> = broker.committed(group, topic).await;
        positions.get(&0).is_some_and(|position| position.offset == offset)
    })
    .await;
}

fn member(broker: &Broker, group: &str, topic: &str) -> MemberBuilder {
    Member::of(broker, group).topics([topic])
}

/// Another partition of the member goes on meanwhile.
async fn nearest(broker: &Broker, protocol: &str) {
    let (topic, group) = deleted_below(broker).await;
    let other = unique("refunds");
    broker.create_topic(&other, 1).await;
    let refunds = produce_to_each(broker, &other, 1, 20).await;
    let member =
        Member::of(broker, &group).topics([&topic, &other]).start_at("earliest").protocol(protocol).start().await;

    assert_eq!(lost(&member).await, (5, Some(12)));
    member.wait_for_handled(28).await;
    wait_for_position(broker, &group, &topic, 20).await;
    wait_for_position(broker, &group, &other, 20).await;
    let orders = member.handled().into_iter().filter(|message| message.topic == topic);
    assert_eq!(orders.map(|message| message.offset).collect::<Vec<_>>(), (12..20).collect::<Vec<_>>());
    let ledger = member.witness.ledger();
    ledger.assert_every_message_handled(&refunds);
    ledger.assert_order_per_partition();
    assert!(ledger.duplicates().is_empty(), "{:?}", ledger.duplicates());
    member.stop().await;
}

real_broker! {
    async fn a_position_below_the_first_record_goes_to_the_nearest_one_and_says_what_was_lost(broker: &Broker) {
        nearest(broker, "cooperative").await;
    }

    async fn a_lost_position_of_the_eager_protocol_goes_to_the_nearest_record(broker: &Broker) {
        nearest(broker, "eager").await;
    }

    async fn a_lost_position_of_the_consumer_protocol_goes_to_the_nearest_record(broker: &Broker) {
        nearest(broker, "consumer").await;
    }

    async fn a_lost_position_goes_to_the_end_where_that_is_wanted(broker: &Broker) {
        let (topic, group) = deleted_below(broker).await;
        let member = member(broker, &group, &topic).option("on_lost_position", "latest").start().await;

        assert_eq!(lost(&member).await, (5, Some(20)));
        wait_for_position(broker, &group, &topic, 20).await;
        broker.produce(Record::to(&topic).partition(0).payload("new")).await;
        member.wait_for_handled(1).await;
        assert_eq!(offsets(&member), [20]);
        member.stop().await;
    }

    async fn a_lost_position_pauses_the_partition_where_that_is_wanted_until_somebody_seeks(broker: &Broker) {
        let (topic, group) = deleted_below(broker).await;
        let member = member(broker, &group, &topic).option("on_lost_position", "pause").start().await;

        assert_eq!(lost(&member).await, (5, None));
        wait_until("the listener says that it is paused", async || {
            let listeners = member.handle.listeners();
            let mut states = listeners.iter().flat_map(|listener| &listener.partitions).map(|at| &at.state);
            states.any(|state| matches!(state, PartitionState::Paused { offset: 5, .. }))
        })
        .await;
        assert_eq!(broker.committed(&group, &topic).await[&0].offset, 5);
        member.handle.seek(LISTENER, &topic, 0, 15).unwrap();
        member.wait_for_handled(5).await;
        wait_for_position(broker, &group, &topic, 20).await;
        assert_eq!(offsets(&member), (15..20).collect::<Vec<_>>());
        member.stop().await;
    }

    async fn records_deleted_while_the_member_stands_at_them_are_reported_and_it_goes_on(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 1).await;
        produce_to_each(broker, &topic, 1, 20).await;
        let member = member(broker, &group, &topic).start_at("earliest").option("retries", 0).behaviour(|ctx| {
            let fails = ctx.offset() == 3;
            Box::pin(async move { if fails { Err(millstream::Error::new("no luck")) } else { Ok(()) } })
        });
        let member = member.start().await;
        member.wait_for_event("that it paused", |event| matches!(event, Event::Paused { .. }).then_some(())).await;
        member.handle.shutdown().await.unwrap();
        broker.delete_records(&topic, 0, 12).await;

        let next = Member::of(broker, &group).topics([&topic]).start().await;
        assert_eq!(lost(&next).await, (3, Some(12)));
        next.wait_for_handled(8).await;
        assert_eq!(offsets(&next), (12..20).collect::<Vec<_>>());
        next.stop().await;
    }

    async fn a_topic_that_was_made_anew_is_read_from_its_nearest_message(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 1).await;
        produce_to_each(broker, &topic, 1, 3).await;
        commit(broker, &group, &topic, 500);
        let member = member(broker, &group, &topic).start().await;

        assert_eq!(lost(&member).await, (500, Some(3)));
        wait_for_position(broker, &group, &topic, 3).await;
        let sent = produce_to_each(broker, &topic, 1, 3).await;
        member.wait_for_handled(3).await;
        member.witness.ledger().assert_nothing_else_handled(&sent);
        member.stop().await;
    }
}
