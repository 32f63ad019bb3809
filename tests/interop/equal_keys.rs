//! A key leads to one partition, whichever framework sends it.

use millstream::OutgoingMessage;
use millstream::prelude::*;
use serde_json::{Value, json};

use crate::program::Program;
use crate::stage::{Stage, Witness, hex, start, with_foreign_programs};

/// A hundred keys: short, long, empty, of several scripts, and bytes that are no text.
fn keys() -> Vec<Vec<u8>> {
    let mut keys = vec![Vec::new(), vec![0], vec![0xff, 0, 0xfe], "ключ".into(), "鍵".into(), "clé🔑".into()];
    keys.extend((0..47).map(|number| format!("customer-{number}").into_bytes()));
    keys.extend((0..47).map(|number| "€".repeat(number + 1).into_bytes()));
    keys
}

fn messages() -> Value {
    keys().iter().map(|key| json!({ "key": hex(key), "value": "" })).collect()
}

fn partitions(answer: &Value) -> Vec<i64> {
    answer["sent"].as_array().unwrap().iter().map(|sent| sent["partition"].as_i64().unwrap()).collect()
}

async fn partitions_of_ours(stage: &Stage<'_>, topic: &str) -> Vec<i64> {
    let app = stage.app("keys", &[("Witness.on_message", "ours")]).consumer(Witness::default());
    let handle = start(app).await;
    let producer = handle.component::<Producer>().unwrap();
    let mut partitions = Vec::new();
    for key in keys() {
        let delivery = producer.send(OutgoingMessage::new(topic).key(key).payload("")).await.unwrap();
        partitions.push(i64::from(delivery.partition));
    }
    handle.shutdown().await.unwrap();
    partitions
}

with_foreign_programs! {
    async fn kafkajs_and_millstream_send_a_key_to_the_same_partition(broker: &Broker) {
        let stage = Stage::with_partitions(broker, &["ours", "theirs"], 7).await;
        let kafkajs = Program::kafkajs(broker).await;
        let theirs = kafkajs.tell("produce", json!({ "topic": stage.topic("theirs"), "messages": messages() })).await;
        assert_eq!(partitions(&theirs), partitions_of_ours(&stage, &stage.topic("ours")).await);
    }

    async fn midway_and_millstream_send_a_key_to_the_same_partition(broker: &Broker) {
        let stage = Stage::with_partitions(broker, &["ours", "theirs"], 7).await;
        let midway = Program::midway(broker, &stage.topic("theirs"), &stage.group("midway")).await;
        let theirs = midway.tell("produce", json!({ "topic": stage.topic("theirs"), "messages": messages() })).await;
        assert_eq!(partitions(&theirs), partitions_of_ours(&stage, &stage.topic("ours")).await);
    }
}
