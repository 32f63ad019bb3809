//! Groups that start at the end.

use std::sync::Arc;

use harness::prelude::*;

use crate::load::produce_to_each;
use crate::member::Member;
use crate::witness::Witness;

both_brokers! {
    async fn two_members_started_together_at_the_end_read_no_history_and_miss_nothing_after(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 4).await;
        produce_to_each(broker, &topic, 4, 10).await;
        let witness = Arc::new(Witness::default());
        let member = || Member::of(broker, &group).topics([&topic]).start_at("latest").seen_by(&witness);

        let (first, second) = tokio::join!(member().ready(), member().ready());
        let sent = produce_to_each(broker, &topic, 4, 10).await;
        wait_until("all new messages were handled", async || witness.ledger().times().len() >= sent.len()).await;
        first.stop().await;
        second.stop().await;

        let ledger = witness.ledger();
        ledger.assert_every_message_handled(&sent);
        ledger.assert_nothing_else_handled(&sent);
    }

    async fn what_comes_while_nobody_runs_is_handled_by_the_next_start(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        produce_to_each(broker, &topic, 2, 10).await;
        Member::of(broker, &group).topics([&topic]).ready().await.stop().await;
        let sent = produce_to_each(broker, &topic, 2, 10).await;

        let second = Member::of(broker, &group).topics([&topic]).ready().await;
        second.wait_for_handled(20).await;

        second.witness.ledger().assert_nothing_else_handled(&sent);
        second.stop().await;
    }
}
