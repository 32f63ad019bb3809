//! Several applications in one process.

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Handle, RunErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Shop {
    handled: Arc<AtomicUsize>,
    fails: bool,
}

#[consumer]
impl Shop {
    #[kafka_listener("named-by-the-test", from_beginning = true, retries = 0, on_failure = "stop")]
    async fn on_order(&self) -> Result<()> {
        if self.fails {
            return Err(Error::new("told to fail"));
        }
        self.handled.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

async fn start(broker: &Broker, topic: &str, fails: bool) -> (Handle, Arc<AtomicUsize>) {
    let handled = Arc::new(AtomicUsize::new(0));
    let config = format!("[kafka]\nbrokers = [{:?}]\ngroup_id = {:?}\n", broker.bootstrap(), unique("shops"));
    let mut app = App::builder()
        .read_files(false)
        .read_environment(false)
        .discover(false)
        .config_text(config)
        .consumer(Shop { handled: Arc::clone(&handled), fails })
        .set("kafka.listeners.\"Shop.on_order\".topics", [topic]);
    if broker.kind() == BrokerKind::Embedded {
        app = app.set("kafka.group_protocol", "consumer");
    }
    (app.build().unwrap().start().await.unwrap(), handled)
}

both_brokers! {
    async fn one_application_ends_and_the_other_goes_on(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 2).await;
        let (first, handled_by_first) = start(broker, &topic, false).await;
        let (second, handled_by_second) = start(broker, &topic, false).await;
        first.ready().await.unwrap();
        second.ready().await.unwrap();
        broker.produce(Record::to(&topic).payload("one")).await;
        wait_until("both have handled the message", async || {
            handled_by_first.load(Ordering::Relaxed) == 1 && handled_by_second.load(Ordering::Relaxed) == 1
        })
        .await;

        first.shutdown().await.unwrap();
        assert!(!second.is_stopping());
        broker.produce(Record::to(&topic).payload("two")).await;
        wait_until("the other has handled the next", async || handled_by_second.load(Ordering::Relaxed) == 2).await;
        second.shutdown().await.unwrap();
        assert_eq!(handled_by_first.load(Ordering::Relaxed), 1);
    }

    async fn one_application_fails_and_the_other_goes_on(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        let (failing, _) = start(broker, &topic, true).await;
        let (other, handled) = start(broker, &topic, false).await;
        broker.produce(Record::to(&topic).payload("one")).await;

        let error = failing.ended().await.unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (RunErrorKind::Listener, 1));
        broker.produce(Record::to(&topic).payload("two")).await;
        wait_until("the other has handled both", async || handled.load(Ordering::Relaxed) == 2).await;
        other.shutdown().await.unwrap();
    }
}
