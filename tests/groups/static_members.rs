//! Members with a name of their own restart without the others noticing.

use std::sync::Arc;

use harness::prelude::*;
use millstream::{Event, RunErrorKind};

use crate::load::under_load;
use crate::member::{Member, MemberBuilder};
use crate::witness::Witness;

async fn restart(broker: &Broker, protocol: &str) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, 4).await;
    let witness = Arc::new(Witness::default());
    let member = |instance: &str| -> MemberBuilder {
        Member::of(broker, &group)
            .topics([&topic])
            .start_at("earliest")
            .protocol(protocol)
            .set("kafka.group_instance_id", instance)
            .seen_by(&witness)
    };

    let (sent, (restarted, other)) = under_load(broker, &topic, 4, async {
        let first = member("a").ready().await;
        let other = member("b").start().await;
        first.wait_for_partitions(2).await;
        other.wait_for_partitions(2).await;
        let (own, others) = (first.partitions(), other.partitions());
        other
            .wait_for_event("what it was given", |event| {
                matches!(event, Event::Assigned { partitions, .. } if partitions.len() == 2).then_some(())
            })
            .await;
        let before = other.events().len();
        first.stop().await;
        other.wait_for_more(20).await;
        let restarted = member("a").start().await;
        restarted.wait_for_handled(20).await;

        assert_eq!(restarted.partitions(), own);
        assert_eq!(other.partitions(), others);
        assert_eq!(other.events().len(), before, "{:?}", other.events());
        (restarted, other)
    })
    .await;
    wait_until("everything was handled", async || witness.ledger().times().len() >= sent.len()).await;
    restarted.stop().await;
    other.stop().await;

    let ledger = witness.ledger();
    ledger.assert_every_message_handled(&sent);
    ledger.assert_order_per_partition();
    assert!(ledger.duplicates().is_empty(), "{:?}", ledger.duplicates());
}

real_broker! {
    async fn a_static_member_restarts_and_the_others_see_no_rebalance(broker: &Broker) {
        restart(broker, "cooperative").await;
    }

    async fn a_static_member_of_the_eager_protocol_restarts_and_the_others_see_no_rebalance(broker: &Broker) {
        restart(broker, "eager").await;
    }

    async fn a_static_member_of_the_consumer_protocol_restarts_and_the_others_see_no_rebalance(broker: &Broker) {
        restart(broker, "consumer").await;
    }

    async fn a_member_whose_name_another_one_takes_ends_and_says_so(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        let member = || Member::of(broker, &group).topics([&topic]).set("kafka.group_instance_id", "a");
        let first = member().ready().await;

        let second = member().ready().await;
        let error = first.handle.ended().await.unwrap_err();

        assert_eq!(error.kind(), RunErrorKind::Client);
        assert!(error.to_string().contains("group_instance_id \"a\""), "{error}");
        second.wait_for_partitions(2).await;
        second.stop().await;
    }
}
