//! A broker that is stopped and started, or dies, while the application has much to do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use harness::prelude::*;

use crate::worker::{READY, Worker};

const PARTITIONS: i32 = 4;

/// What happens to the broker.
enum Outage {
    Stopped,
    Crashed,
    Frozen,
}

/// The broker goes and comes back while messages are produced and handled.
async fn goes_and_comes_back(outage: Outage) {
    let kafka = OwnKafka::start(1).await;
    let broker = kafka.broker();
    let topic = unique("orders");
    broker.create_topic(&topic, PARTITIONS).await;
    let worker = Worker::of(&broker, &topic).knob("delay_ms", "1");
    let mut process = worker.start();
    process.wait_for_line(READY).await;

    let over = AtomicBool::new(false);
    let producing = async {
        let mut sent = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let records =
                (0..PARTITIONS * 5).map(|number| Record::to(&topic).partition(number % PARTITIONS).payload("order"));
            sent.extend(broker.produce_many(records).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        sent
    };
    let doing = async {
        process.wait_for_handled(200).await;
        match outage {
            Outage::Stopped => kafka.stop(1).await,
            Outage::Crashed => kafka.kill(1).await,
            Outage::Frozen => kafka.pause(1).await,
        }
        if matches!(outage, Outage::Frozen) {
            // Nothing is pulled any more once what was fetched ahead is handled.
            let mut before = usize::MAX;
            wait_until("nothing is handled any more", async || {
                let handled = process.handled().len();
                tokio::time::sleep(Duration::from_millis(300)).await;
                handled == std::mem::replace(&mut before, handled)
            })
            .await;
            kafka.resume(1).await;
        } else {
            process.wait_for_line("the cluster cannot be reached, trying on").await;
            kafka.restart(1).await;
        }
        let handled = process.handled().len();
        process.wait_for_handled(handled + 200).await;
        over.store(true, Ordering::Relaxed);
    };
    let (sent, ()) = tokio::join!(producing, doing);

    wait_until("everything was handled", async || Ledger::of([&process]).times().len() >= sent.len()).await;
    process.terminate();
    assert_eq!(process.wait_exit().await, Ended::Code(0));
    let ledger = Ledger::of([&process]);
    ledger.assert_every_message_handled(&sent);
    ledger.assert_order_per_partition();
    let committed = broker.committed(worker.group(), &topic).await;
    for partition in 0..PARTITIONS {
        assert_eq!(committed[&partition].offset, broker.watermarks(&topic, partition).await.1, "{committed:?}");
    }
}

real_broker! {
    within(240)
    async fn nothing_is_lost_when_the_broker_is_stopped_and_started_under_load() {
        goes_and_comes_back(Outage::Stopped).await;
    }

    within(240)
    async fn nothing_is_lost_when_the_broker_crashes_and_starts_again_under_load() {
        goes_and_comes_back(Outage::Crashed).await;
    }

    within(240)
    async fn nothing_is_lost_when_the_broker_stands_still_for_a_while_under_load() {
        goes_and_comes_back(Outage::Frozen).await;
    }
}
