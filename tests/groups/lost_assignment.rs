//! A process that stands still for longer than its session: what it settled is no longer its to commit.

use std::sync::Arc;

use harness::prelude::*;
use tokio::sync::Semaphore;

use crate::load::produce_to_each;
use crate::member::{Member, process};

async fn frozen(broker: &Broker, protocol: &str) {
    let (topic, group) = (unique("orders"), unique("billing"));
    broker.create_topic(&topic, 1).await;
    produce_to_each(broker, &topic, 1, 50).await;
    let mut program = process(broker, &group, &topic, "handle");
    let mut settings = vec![
        "kafka.listener_defaults.start=\"earliest\"".to_owned(),
        format!("kafka.group_protocol={protocol:?}"),
        // It settles everything and has not said so when it freezes.
        "kafka.commit_interval=\"1h\"".to_owned(),
    ];
    if protocol != "consumer" {
        settings.push("kafka.consumer.properties.\"session.timeout.ms\"=6000".to_owned());
    }
    for setting in settings {
        program = program.argument("--set").argument(setting);
    }
    let mut process = program.start();
    process.wait_for_handled(50).await;
    process.suspend();

    let gate = Arc::new(Semaphore::new(0));
    let closed = Arc::clone(&gate);
    let owner = Member::of(broker, &group)
        .topics([&topic])
        .start_at("earliest")
        .protocol(protocol)
        .set("kafka.drain_timeout", "1s")
        .behaviour(move |ctx| {
            let closed = Arc::clone(&closed);
            Box::pin(async move {
                if ctx.offset() >= 10 {
                    drop(closed.acquire().await);
                }
                Ok(())
            })
        })
        .start()
        .await;
    wait_until("the new owner has committed what it handled", async || {
        broker.committed(&group, &topic).await.get(&0).is_some_and(|position| position.offset == 10)
    })
    .await;
    process.resume();
    process.wait_for_line("lost").await;
    process.terminate();

    assert_eq!(process.wait_exit().await, Ended::Code(0));
    assert_eq!(broker.committed(&group, &topic).await[&0].offset, 10);
    gate.add_permits(1000);
    owner.wait_for_handled(50).await;
    owner.stop().await;
    assert_eq!(broker.committed(&group, &topic).await[&0].offset, 50);
}

real_broker! {
    async fn a_process_frozen_beyond_its_classic_session_commits_nothing_afterwards(broker: &Broker) {
        frozen(broker, "cooperative").await;
    }

    async fn a_process_frozen_beyond_its_eager_session_commits_nothing_afterwards(broker: &Broker) {
        frozen(broker, "eager").await;
    }

    async fn a_process_frozen_beyond_the_brokers_session_commits_nothing_afterwards(broker: &Broker) {
        frozen(broker, "consumer").await;
    }
}
