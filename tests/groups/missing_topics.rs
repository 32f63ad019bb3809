//! Topics that a listener names and that do not exist.

use harness::prelude::*;
use millstream::RunErrorKind;

use crate::load::produce_to_each;
use crate::member::Member;

both_brokers! {
    async fn a_missing_topic_is_waited_for(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        // Whether the topic came before the first look or after it is chance here.
        let member = Member::of(broker, &group).topics([&topic]).start_at("earliest").start().await;
        broker.create_topic(&topic, 2).await;
        let sent = produce_to_each(broker, &topic, 2, 5).await;

        member.ready().await;
        member.wait_for_handled(10).await;

        member.witness.ledger().assert_nothing_else_handled(&sent);
        member.stop().await;
    }

    async fn a_topic_that_did_not_exist_is_read_from_its_beginning_although_the_group_starts_at_the_end(broker: &Broker) {
        let (there, later, group) = (unique("orders"), unique("refunds"), unique("billing"));
        broker.create_topic(&there, 1).await;
        let member = Member::of(broker, &group).topics([&there, &later]).start_at("latest").ready().await;
        let mut sent = produce_to_each(broker, &there, 1, 3).await;
        member.wait_for_handled(3).await;

        broker.create_topic(&later, 1).await;
        sent.extend(produce_to_each(broker, &later, 1, 3).await);
        member.wait_for_handled(6).await;

        member.witness.ledger().assert_every_message_handled(&sent);
        member.stop().await;
    }

    async fn a_missing_topic_ends_the_application_where_that_is_wanted(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        let member = Member::of(broker, &group).topics([&topic]).set("kafka.missing_topics", "fail").start().await;

        let error = member.handle.ready().await.unwrap_err();

        assert_eq!(error.kind(), RunErrorKind::Cluster);
        let text = error.to_string();
        assert!(text.contains(&topic) && text.contains("missing_topics"), "{text}");
        assert_eq!(member.handle.ended().await.unwrap_err().exit_code(), 2);
    }
}
