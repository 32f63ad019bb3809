//! A handler that never lets its thread go is named.

use harness::prelude::*;
use millstream::Event;
use millstream::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::load::produce;
use crate::worker::Worker;

struct Blocker {
    released: Arc<AtomicBool>,
}

#[consumer]
impl Blocker {
    #[kafka_listener("named-by-the-test", from_beginning = true)]
    async fn on_order(&self) {
        while !self.released.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Releases the handler also where the test fails, whose runtime could not end otherwise.
struct Releasing(Arc<AtomicBool>);

impl Drop for Releasing {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

both_brokers! {
    async fn an_event_names_the_listener_and_the_partition(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 2).await;
        produce(broker, &topic, 1, 1).await;
        let released = Arc::new(AtomicBool::new(false));
        let group = unique("blockers");
        let config = format!("[kafka]\nbrokers = [{:?}]\ngroup_id = {group:?}\n", broker.bootstrap());
        let mut app = App::builder()
            .read_files(false)
            .read_environment(false)
            .discover(false)
            .config_text(config)
            .consumer(Blocker { released: Arc::clone(&released) })
            .set("kafka.listeners.\"Blocker.on_order\".topics", [&topic]);
        if broker.kind() == BrokerKind::Embedded {
            app = app.set("kafka.group_protocol", "consumer");
        }
        let releasing = Releasing(released);
        let handle = app.build().unwrap().start().await.unwrap();
        let mut events = handle.events();
        let named = wait_until("the listener is named", async || match events.next().await {
            Some(Event::Blocking { listener, topic, partition }) => Some((listener, topic, partition)),
            Some(_) => None,
            None => panic!("the application has ended"),
        })
        .await;
        drop(releasing);

        assert_eq!((&*named.0, &*named.1, named.2), ("Blocker.on_order", &*topic, 1));
        handle.shutdown().await.unwrap();
        assert_eq!(broker.committed(&group, &topic).await[&1].offset, 1);
    }

    async fn the_log_names_it_and_the_message_is_handled_all_the_same(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        let sent = produce(broker, &topic, 0, 10).await;
        let worker = Worker::of(broker, &topic).blocking_at("0@5");
        let mut process = worker.start();
        let line = process.wait_for_line("keeps its thread busy").await;
        assert!(line.contains("Worker.on_message") && line.contains(&topic), "{line}");
        worker.release();
        process.wait_for_handled(10).await;
        process.terminate();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        let ledger = Ledger::of([&process]);
        ledger.assert_every_message_handled(&sent);
        assert_eq!(ledger.duplicates().len(), 0);
    }
}
