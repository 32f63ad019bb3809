//! Messages of a batch that do not decode.

use std::sync::Mutex;

use harness::prelude::*;
use millstream::prelude::*;
use serde::Deserialize;

use crate::script::bind;
use crate::stage::Stage;

#[derive(Deserialize)]
struct Order {
    id: u64,
}

type Seen = Arc<Mutex<Vec<Vec<u64>>>>;

struct Strict(Seen);

#[consumer]
impl Strict {
    #[kafka_listener("named-by-the-configuration", batch = { max = 10, wait = "500ms" })]
    async fn on_batch(&self, orders: Batch<'_, Json<Order>>, values: Vec<Json<Order>>) {
        let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
        assert_eq!(ids, values.iter().map(|order| order.id).collect::<Vec<_>>());
        self.0.lock().unwrap().push(ids);
    }
}

struct Together(Seen);

#[consumer]
impl Together {
    #[kafka_listener("named-by-the-configuration", batch = { max = 8, wait = "1h", across_partitions = true })]
    async fn on_batch(&self, orders: Vec<Json<Order>>) {
        self.0.lock().unwrap().push(orders.iter().map(|order| order.id).collect());
    }
}

struct Lenient(Seen);

#[consumer]
impl Lenient {
    #[kafka_listener("named-by-the-configuration", batch = { max = 10, wait = "500ms" })]
    async fn on_batch(&self, orders: Batch<'_, Result<Json<Order>, ExtractError>>) -> Result<()> {
        let ids = orders.into_values().map(|order| order.map_or(u64::MAX, |order| order.id)).collect();
        self.0.lock().unwrap().push(ids);
        Ok(())
    }
}

/// Orders 0 to 5, of which 2 and 3 are broken off.
async fn poisoned(broker: &Broker) -> Stage<'_> {
    let stage = Stage::new(broker, 1).await;
    let payloads = [r#"{"id":0}"#, r#"{"id":1}"#, r#"{"id":"#, "{", r#"{"id":4}"#, r#"{"id":5}"#];
    broker.produce_many(payloads.map(|payload| Record::to(&stage.topic).partition(0).payload(payload))).await;
    stage
}

both_brokers! {
    /// It fails alone and without a retry; those before and behind it are handed over.
    async fn a_message_that_does_not_decode_fails_alone(broker: &Broker) {
        let stage = poisoned(broker).await;
        let seen = Seen::default();
        let options = "on_failure = \"skip\"\naccept_loss = true";
        let running = stage.start(bind(&stage, Strict(Arc::clone(&seen)), "Strict", options)).await;
        stage.wait_for_position(0, 6).await;
        running.end().await;
        assert_eq!(*seen.lock().unwrap(), [vec![0, 1], vec![4, 5]]);
    }

    /// The same in a batch of several partitions: only its own partition knows of it.
    async fn in_a_batch_of_several_partitions_it_fails_alone(broker: &Broker) {
        let stage = Stage::new(broker, 4).await;
        for partition in 0..4_u64 {
            let first = if partition == 1 { "{".to_owned() } else { format!(r#"{{"id":{partition}}}"#) };
            let payloads = [first, format!(r#"{{"id":1{partition}}}"#)];
            let partition = i32::try_from(partition).unwrap();
            broker.produce_many(payloads.map(|payload| Record::to(&stage.topic).partition(partition).payload(payload))).await;
        }
        let seen = Seen::default();
        let options = "on_failure = \"skip\"\naccept_loss = true";
        let running = stage.start(bind(&stage, Together(Arc::clone(&seen)), "Together", options)).await;
        for partition in 0..4 {
            stage.wait_for_position(partition, 2).await;
        }
        running.end().await;
        let mut ids = seen.lock().unwrap().concat();
        ids.sort_unstable();
        assert_eq!(ids, [0, 2, 3, 10, 11, 12, 13]);
    }

    /// The partition is held at the message, and the reason says which argument it was.
    async fn the_partition_is_held_at_a_message_that_does_not_decode(broker: &Broker) {
        let stage = poisoned(broker).await;
        let seen = Seen::default();
        let running = stage.start(bind(&stage, Strict(Arc::clone(&seen)), "Strict", "")).await;
        let (offset, reason) = running.paused("Strict.on_batch", 0).await;
        assert_eq!(offset, 2);
        assert!(reason.starts_with("argument `orders`: "), "{reason}");
        stage.wait_for_position(0, 2).await;
        running.end().await;
    }

    /// A method that wants to see such messages takes results.
    async fn a_method_can_take_what_does_not_decode(broker: &Broker) {
        let stage = poisoned(broker).await;
        let seen = Seen::default();
        let running = stage.start(bind(&stage, Lenient(Arc::clone(&seen)), "Lenient", "")).await;
        stage.wait_for_position(0, 6).await;
        running.end().await;
        assert_eq!(*seen.lock().unwrap(), [vec![0, 1, u64::MAX, u64::MAX, 4, 5]]);
    }
}
