//! Requests that are sent together and must be handled one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use futures_util::future::join_all;
use harness::prelude::*;
use millstream::prelude::*;

use crate::asker::{Asker, LONG, app};

const REQUESTS: i64 = 1000;

#[derive(Clone, Default)]
struct Log {
    handled: Arc<Mutex<BTreeMap<String, Vec<i64>>>>,
}

#[consumer]
impl Log {
    #[kafka_listener("replaced", reply)]
    async fn note(&self, Key(key): Key<&str>, number: Nest<i64>) -> Result<i64> {
        self.handled.lock().unwrap().entry(key.to_owned()).or_default().push(number.0);
        Ok(number.0)
    }
}

/// Asks with so many keys, a thousand times before anything is awaited; what was handled of each key.
async fn handled_of(broker: &Broker, partitions: i32, keys: i64, options: &str) -> BTreeMap<String, Vec<i64>> {
    let (topic, idle) = (unique("log"), unique("idle"));
    broker.create_topic(&topic, partitions).await;
    broker.create_topic(&format!("{topic}.reply"), 1).await;
    broker.create_topic(&idle, 1).await;
    let log = Log::default();
    let more = format!("[kafka.listeners.\"Log.note\"]\ntopics = [\"{topic}\"]\nstart = \"earliest\"\n{options}\n");
    let service = app(broker, &idle, &more).consumer(log.clone()).build().unwrap().start().await.unwrap();
    let asker = Asker::start(app(broker, &idle, "")).await;
    let ask = |number: i64| {
        let request = asker.requests.to(topic.as_str()).timeout(LONG).key(format!("key-{}", number % keys));
        request.body(&number).send::<i64>()
    };
    // Those that wait for the reply topic to be prepared go on in any order: it is ready before.
    assert_eq!(ask(-1).await.unwrap(), -1);
    log.handled.lock().unwrap().clear();
    let answers = join_all((0..REQUESTS).map(ask)).await;
    assert!(answers.into_iter().zip(0..).all(|(answer, number)| answer.unwrap() == number));
    asker.end().await;
    service.shutdown().await.unwrap();
    let handled = std::mem::take(&mut *log.handled.lock().unwrap());
    handled.into_iter().map(|(key, numbers)| (key, first_times(numbers))).collect()
}

/// Without what came again: a machine that stood still for longer than the session is evicted, and what was not settled
/// by then is handled once more.
fn first_times(numbers: Vec<i64>) -> Vec<i64> {
    let mut seen = BTreeSet::new();
    numbers.into_iter().filter(|number| seen.insert(*number)).collect()
}

/// In which order they are to be handled.
fn in_order(keys: i64) -> BTreeMap<String, Vec<i64>> {
    (0..keys).map(|key| (format!("key-{key}"), (0..REQUESTS).filter(|number| number % keys == key).collect())).collect()
}

both_brokers! {
    async fn a_thousand_requests_at_once_are_handled_in_their_order_in_one_partition(broker: &Broker) {
        assert_eq!(handled_of(broker, 1, 1, "").await, in_order(1));
    }

    async fn a_thousand_requests_at_once_are_handled_in_the_order_of_their_key(broker: &Broker) {
        assert_eq!(handled_of(broker, 3, 10, "order_by = \"key\"").await, in_order(10));
    }
}
