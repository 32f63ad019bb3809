//! Groups with more members than partitions.

use std::sync::Arc;

use harness::prelude::*;

use crate::load::produce_to_each;
use crate::member::Member;
use crate::witness::Witness;

async fn one_too_many(broker: &Broker, protocol: &str) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, 2).await;
    let witness = Arc::new(Witness::default());
    let member = || Member::of(broker, &group).topics([&topic]).protocol(protocol).seen_by(&witness);

    let mut members = Vec::new();
    for _ in 0..3 {
        members.push(member().ready().await);
    }
    let sent = produce_to_each(broker, &topic, 2, 5).await;
    wait_until("everything was handled", async || witness.ledger().times().len() >= sent.len()).await;

    // The spare one steps in for whoever goes.
    let place = members.iter().position(|member| !member.partitions().is_empty()).unwrap();
    members.remove(place).stop().await;
    wait_until("both partitions are read again", async || {
        members.iter().map(|member| member.partitions().len()).sum::<usize>() == 2
    })
    .await;
    let more = produce_to_each(broker, &topic, 2, 5).await;
    wait_until("everything new was handled", async || witness.ledger().times().len() >= sent.len() + more.len()).await;
    for member in members {
        member.stop().await;
    }
    witness.ledger().assert_every_message_handled(sent.iter().chain(&more));
}

both_brokers! {
    async fn a_spare_member_of_the_consumer_protocol_is_ready_and_steps_in(broker: &Broker) {
        one_too_many(broker, "consumer").await;
    }
}

real_broker! {
    async fn a_spare_member_of_the_cooperative_protocol_is_ready_and_steps_in(broker: &Broker) {
        one_too_many(broker, "cooperative").await;
    }

    async fn a_spare_member_of_the_eager_protocol_is_ready_and_steps_in(broker: &Broker) {
        one_too_many(broker, "eager").await;
    }
}
