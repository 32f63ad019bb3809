//! A payload that does not decode: no retry mends it.

use std::sync::Mutex;

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{AppBuilder, Event, PartitionState, Setting};
use serde::Deserialize;

use crate::running::Running;
use crate::stage::Stage;

#[derive(Deserialize)]
struct Order {
    id: u64,
}

/// What a listener saw, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

struct Strict(Seen);

#[consumer]
impl Strict {
    #[kafka_listener("named-by-the-configuration")]
    async fn on_order(&self, Json(order): Json<Order>) {
        self.0.note(order.id.to_string());
    }
}

struct Lenient(Seen);

#[consumer]
impl Lenient {
    #[kafka_listener("named-by-the-configuration")]
    async fn on_order(&self, order: Result<Json<Order>, ExtractError>) {
        self.0.note(match order {
            Ok(Json(order)) => order.id.to_string(),
            Err(error) if error.is_missing() => "nothing".to_owned(),
            Err(error) => error.to_string(),
        });
    }
}

const STRICT: &str = "Strict.on_order";

/// Orders 0 to 3, the third of which is broken off, and whose text must not be told.
async fn poisoned(broker: &Broker) -> Stage<'_> {
    let stage = Stage::new(broker, 1).await;
    let payloads = [r#"{"id":0}"#, r#"{"id":1}"#, r#"{"id": "secret-4711"#, r#"{"id":3}"#];
    broker.produce_many(payloads.map(|payload| Record::to(&stage.topic).partition(0).payload(payload))).await;
    stage
}

fn strict(stage: &Stage<'_>, seen: &Seen) -> AppBuilder {
    let topics = Setting::from([&*stage.topic]);
    stage.app().consumer(Strict(seen.clone())).set("kafka.listeners.\"Strict.on_order\".topics", topics)
}

async fn held(stage: &Stage<'_>, seen: &Seen) -> Running {
    let running = stage.start(strict(stage, seen)).await;
    let (offset, reason) = running.paused(STRICT, 0).await;
    assert_eq!(offset, 2);
    assert!(reason.contains("JSON"), "{reason}");
    assert!(!reason.contains("4711"), "a payload is not to be told: {reason}");
    assert_eq!(seen.all(), ["0", "1"]);
    running
}

both_brokers! {
    /// It pauses its partition at once, and the handle's `skip` lets it go on.
    async fn it_holds_its_partition_until_the_handle_skips_it(broker: &Broker) {
        let stage = poisoned(broker).await;
        let seen = Seen::default();
        let running = held(&stage, &seen).await;
        assert!(running.handle.listeners()[0].is_paused());
        running.handle.skip(STRICT, &stage.topic, 0, 2, "broken off").expect("it can be skipped");
        stage.wait_for_position(0, 4).await;
        assert_eq!(running.state(STRICT, 0), Some(PartitionState::Running));
        running.end().await;
        assert_eq!(seen.all(), ["0", "1", "3"]);
    }

    /// `skip_offsets` passes it after a restart, and tells it.
    async fn it_is_passed_by_a_start_that_names_its_offset(broker: &Broker) {
        let stage = poisoned(broker).await;
        let seen = Seen::default();
        held(&stage, &seen).await.end().await;
        assert_eq!(stage.position(0).await, Some(2));

        let skips = Setting::from([&*format!("{}/0@2", stage.topic)]);
        let app = strict(&stage, &seen).set("kafka.listeners.\"Strict.on_order\".skip_offsets", skips);
        let running = stage.start(app).await;
        stage.wait_for_position(0, 4).await;
        running.event("offset 2 was skipped", |event| matches!(event, Event::Skipped { offset: 2, .. })).await;
        running.end().await;
        assert_eq!(seen.all(), ["0", "1", "3"]);
    }

    /// A method that takes a `Result` sees what is wrong with it, and decides itself.
    async fn it_reaches_a_method_that_takes_a_result(broker: &Broker) {
        let stage = poisoned(broker).await;
        broker.produce(Record::to(&stage.topic).partition(0).key("tombstone")).await;
        let seen = Seen::default();
        let topics = Setting::from([&*stage.topic]);
        let app = stage.app().consumer(Lenient(seen.clone())).set("kafka.listeners.\"Lenient.on_order\".topics", topics);
        let running = stage.start(app).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        let seen = seen.all();
        assert_eq!((seen.len(), &*seen[0], &*seen[1], &*seen[3], &*seen[4]), (5, "0", "1", "3", "nothing"));
        assert!(seen[2].contains("JSON") && !seen[2].contains("4711"), "{}", seen[2]);
    }
}
