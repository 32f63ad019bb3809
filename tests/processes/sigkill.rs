//! A process that is killed with a third of its work done, and starts again at once.

use harness::prelude::*;

use crate::load::produce;
use crate::worker::Worker;

const MESSAGES: i32 = 5_000;

async fn killed_at_a_third(broker: &Broker, configure: fn(Worker) -> Worker) {
    let topic = unique("orders");
    broker.create_topic(&topic, 2).await;
    let mut sent = produce(broker, &topic, 0, MESSAGES).await;
    sent.extend(produce(broker, &topic, 1, MESSAGES).await);
    let worker = configure(Worker::of(broker, &topic).knob("delay_ms", "1"));
    let mut first = worker.start();
    first.wait_for_handled(sent.len() / 3).await;
    first.kill_9().await;
    let worker = worker.without("delay_ms");
    let mut second = worker.start();
    wait_until("the rest was handled", async || Ledger::of([&first, &second]).times().len() >= sent.len()).await;
    second.terminate();

    assert_eq!(second.wait_exit().await, Ended::Code(0));
    let ledger = Ledger::of([&first, &second]);
    ledger.assert_every_message_handled(&sent);
    ledger.assert_nothing_else_handled(&sent);
    ledger.assert_order_per_partition();
    let committed = broker.committed(worker.group(), &topic).await;
    assert_eq!((committed[&0].offset, committed[&1].offset), (i64::from(MESSAGES), i64::from(MESSAGES)));
}

real_broker! {
    async fn every_message_is_handled_when_the_process_is_killed_at_a_third(broker: &Broker) {
        killed_at_a_third(broker, |worker| worker).await;
    }

    async fn every_message_is_handled_when_the_process_is_killed_while_it_sends_positions_all_the_time(broker: &Broker) {
        killed_at_a_third(broker, |worker| worker.set("kafka.commit_interval = '10ms'")).await;
    }

    async fn every_message_is_handled_when_a_process_that_commits_by_hand_is_killed_at_a_third(broker: &Broker) {
        killed_at_a_third(broker, |worker| worker.listener("by_hand")).await;
    }
}
