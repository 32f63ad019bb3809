//! A process with lanes that is killed: only what was in hand is handled again.

use std::collections::BTreeSet;

use harness::prelude::*;

use crate::load::produce;
use crate::worker::Worker;

const MESSAGES: i32 = 2_000;
/// As the metadata says it: after one message that is not finished, 1899 that are.
const ALL_BEHIND_100: &str = ":AesO";

async fn killed_with_one_message_in_hand(broker: &Broker, listener: &str) {
    let topic = unique("orders");
    broker.create_topic(&topic, 1).await;
    let sent = produce(broker, &topic, 0, MESSAGES).await;
    let option = format!("MILLSTREAM__KAFKA__LISTENERS__WORKER_{}__ORDER_BY", listener.to_uppercase());
    let worker = Worker::of(broker, &topic).listener(listener).variable(&option, "none");
    // More than the others of one window, so that the position stands still while they are finished.
    let worker = worker.set("kafka.listener_defaults.window = 10000").set("kafka.commit_interval = '50ms'");
    let worker = worker.working_at("0@100");
    let mut first = worker.start();
    first.wait_for_handled(sent.len() - 1).await;
    wait_until("the broker knows all that is finished beyond message 100", async || {
        let held = broker.committed(worker.group(), &topic).await;
        held.get(&0).is_some_and(|held| held.offset == 100 && held.metadata.ends_with(ALL_BEHIND_100))
    })
    .await;
    first.kill_9().await;
    worker.release();
    let mut second = worker.start();
    wait_until("the rest was handled", async || {
        broker.committed(worker.group(), &topic).await.get(&0).is_some_and(|held| held.offset == i64::from(MESSAGES))
    })
    .await;
    second.terminate();
    assert_eq!(second.wait_exit().await, Ended::Code(0));
    let again: BTreeSet<i64> = second.handled().iter().map(|at| at.offset).collect();
    assert_eq!(again, BTreeSet::from([100]));
    Ledger::of([&first, &second]).assert_every_message_handled(&sent);
}

real_broker! {
    async fn a_killed_process_repeats_only_what_it_had_in_hand(broker: &Broker) {
        killed_with_one_message_in_hand(broker, "on_message").await;
    }

    async fn a_killed_process_that_commits_by_hand_repeats_only_what_it_had_in_hand(broker: &Broker) {
        killed_with_one_message_in_hand(broker, "by_hand").await;
    }
}
