//! Messages that kill the process, and processes that die of something else.

use harness::prelude::*;

use crate::worker::{READY, Worker};

/// A worker that may die without the group waiting long for it.
fn worker(broker: &Broker, topic: &str) -> Worker {
    Worker::of(broker, topic)
        .set("kafka.consumer.properties.'session.timeout.ms' = 6000")
        .set("kafka.consumer.properties.'heartbeat.interval.ms' = 500")
        .set("kafka.listener_defaults.on_failure = 'dead_letter'")
        .set("kafka.listener_defaults.dead_letter = { topic = '{topic}.dead' }")
}

async fn load(broker: &Broker, partitions: i32, each: usize) -> (String, Vec<Delivered>) {
    let topic = unique("orders");
    broker.create_topic(&topic, partitions).await;
    broker.create_topic(&format!("{topic}.dead"), partitions).await;
    let all = (0..partitions).flat_map(|partition| (0..each).map(move |_| partition));
    let records = all.map(|partition| Record::to(&topic).partition(partition).payload("order"));
    let sent = broker.produce_many(records).await;
    (topic, sent)
}

real_broker! {
    /// Eight partitions loaded, one message that aborts: it alone is dead in the end, everything else is handled.
    async fn of_eight_loaded_partitions_only_the_message_that_kills_is_dead(broker: &Broker) {
        let (topic, sent) = load(broker, 8, 200).await;
        let worker = worker(broker, &topic).knob("abort_at", "3@50").knob("delay_ms", "1");
        let mut lives = Vec::new();
        loop {
            let mut process = worker.start();
            let died = wait_until("the process dies, or everything is handled", async || {
                if !process.is_running() {
                    return Some(true);
                }
                let committed = broker.committed(worker.group(), &topic).await;
                let done = committed.len() == 8 && committed.values().all(|committed| committed.offset == 200);
                done.then_some(false)
            })
            .await;
            assert!(lives.len() < 10, "it dies on and on");
            if !died {
                process.terminate();
                assert_eq!(process.wait_exit().await, Ended::Code(0));
                lives.push(process);
                break;
            }
            lives.push(process);
        }
        // Three deaths until the neighbourhood is guarded, three with the message alone in hand.
        assert_eq!(lives.len(), 7);
        let dead = broker.read_all(&format!("{topic}.dead")).await;
        assert_eq!(dead.len(), 1);
        let header = |name: &str| dead[0].headers.iter().find(|(each, _)| each == name).and_then(|(_, value)| value.clone());
        assert_eq!(header("millstream-origin-partition").as_deref(), Some(&b"3"[..]));
        assert_eq!(header("millstream-origin-offset").as_deref(), Some(&b"50"[..]));
        assert_eq!(header("millstream-error-kind").as_deref(), Some(&b"crash"[..]));
        let sent: Vec<_> = sent.into_iter().filter(|at| (at.partition, at.offset) != (3, 50)).collect();
        Ledger::of(&lives).assert_every_message_handled(&sent);
    }

    /// Deploys of a group with nothing to do, clean and not, blame no message.
    async fn ten_deploys_of_an_idle_group_blame_nobody(broker: &Broker) {
        let (topic, _) = load(broker, 2, 5).await;
        let worker = worker(broker, &topic).set("kafka.consumer.properties.'session.timeout.ms' = 6000");
        let mut first = worker.start();
        first.wait_for_handled(10).await;
        first.terminate();
        assert_eq!(first.wait_exit().await, Ended::Code(0));
        for deploy in 0..10 {
            let mut process = worker.start();
            process.wait_for_line(READY).await;
            if deploy % 3 == 0 {
                process.terminate();
                process.wait_exit().await;
            } else {
                process.kill_9().await;
            }
        }
        let sent = broker.produce_many((0..10).map(|number| Record::to(&topic).partition(number % 2).payload("order"))).await;
        let mut last = worker.start();
        last.wait_for_handled(10).await;
        last.terminate();
        assert_eq!(last.wait_exit().await, Ended::Code(0));
        Ledger::of([&last]).assert_every_message_handled(&sent);
        assert_eq!(broker.read_all(&format!("{topic}.dead")).await, []);
    }

    /// A message that is in hand for long, through rebalances that other members cause, is not blamed.
    async fn a_long_handler_through_five_rebalances_is_not_blamed(broker: &Broker) {
        let (topic, sent) = load(broker, 2, 3).await;
        let worker = worker(broker, &topic)
            .set("kafka.revoke_timeout = '200ms'")
            .working_at("0@1");
        let mut long = worker.start();
        long.wait_for_line("working").await;
        for _ in 0..5 {
            let mut other = worker.start();
            other.wait_for_line(READY).await;
            other.terminate();
            other.wait_exit().await;
        }
        worker.release();
        wait_until("everything is settled", async || {
            let committed = broker.committed(worker.group(), &topic).await;
            committed.len() == 2 && committed.values().all(|committed| committed.offset == 3)
        })
        .await;
        long.terminate();
        assert_eq!(long.wait_exit().await, Ended::Code(0));
        assert_eq!(broker.read_all(&format!("{topic}.dead")).await, []);
        drop(sent);
    }
}
