//! Groups that start at a timestamp.

use harness::prelude::*;

use crate::member::Member;

const MORNING: i64 = 1_767_254_400_000; // 2026-01-01T08:00:00Z
const HOUR: i64 = 3_600_000;

/// One message an hour from 8 to 12 in each of two partitions; the second has none after 10.
async fn a_day(broker: &Broker, topic: &str) {
    // The broker deletes what is as old as this.
    broker.create_topic_with(topic, 2, &[("retention.ms", "-1")]).await;
    for hour in 0..5 {
        for partition in 0..2 {
            if partition == 0 || hour < 3 {
                let record = Record::to(topic).partition(partition).timestamp(MORNING + hour * HOUR);
                broker.produce(record.payload(hour.to_string())).await;
            }
        }
    }
}

real_broker! {
    async fn a_new_group_starts_with_the_first_message_that_is_not_older(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        a_day(broker, &topic).await;
        let member = Member::of(broker, &group).topics([&topic]).start_at("2026-01-01T09:30:00Z").ready().await;

        member.wait_for_handled(4).await;

        let mut handled: Vec<(i32, i64)> =
            member.handled().iter().map(|message| (message.partition, message.offset)).collect();
        handled.sort_unstable();
        assert_eq!(handled, [(0, 2), (0, 3), (0, 4), (1, 2)]);
        member.stop().await;
    }

    async fn a_partition_without_messages_that_late_starts_at_its_end(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        a_day(broker, &topic).await;
        let member = Member::of(broker, &group).topics([&topic]).start_at("2026-01-01T13:00:00+01:00").ready().await;
        member.wait_for_handled(1).await;
        broker.produce(Record::to(&topic).partition(1).timestamp(MORNING).payload("late")).await;

        member.wait_for_handled(2).await;

        let mut handled: Vec<(i32, i64)> =
            member.handled().iter().map(|message| (message.partition, message.offset)).collect();
        handled.sort_unstable();
        assert_eq!(handled, [(0, 4), (1, 3)]);
        member.stop().await;
    }

    async fn a_group_with_a_position_does_not_go_back_to_the_timestamp(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        a_day(broker, &topic).await;
        Member::of(broker, &group).topics([&topic]).start_at("latest").ready().await.stop().await;
        let member = Member::of(broker, &group).topics([&topic]).start_at("2026-01-01T08:00:00Z").ready().await;
        let new = broker.produce(Record::to(&topic).partition(0).payload("new")).await;

        member.wait_for_handled(1).await;

        member.witness.ledger().assert_nothing_else_handled([&new]);
        member.stop().await;
    }
}
