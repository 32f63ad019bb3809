//! Headers, bytes that are no text, and what is missing arrive as they were sent, both ways.

use millstream::prelude::*;
use millstream::{Bytes, OutgoingMessage};
use serde_json::{Value, json};

use crate::program::Program;
use crate::stage::{Stage, Witness, hex, sort, start, with_foreign_programs};

/// What is sent, all of it to one partition by its key, but for the last, which has none. kafkajs keeps headers of one
/// name together, so they stand together here.
fn messages() -> Vec<Value> {
    let key = hex(b"one key");
    vec![
        json!({ "key": key, "value": hex(b"{}"), "headers": [["trace", hex(b"1")], ["trace", hex(b"2")], ["trace", ""], ["raw", "ff00fe"]] }),
        json!({ "key": key, "value": null, "headers": [] }),
        json!({ "key": key, "value": "", "headers": [["empty", ""]] }),
        json!({ "key": key, "value": "00ff80", "headers": [["ключ", hex("знач".as_bytes())]] }),
        json!({ "key": null, "value": hex(b"without a key"), "headers": [] }),
    ]
}

fn bytes(digits: &Value) -> Option<Bytes> {
    let digits = digits.as_str()?;
    let byte = |index: usize| u8::from_str_radix(&digits[index..index + 2], 16).unwrap();
    Some((0..digits.len()).step_by(2).map(byte).collect::<Vec<_>>().into())
}

/// The messages of `got` in their order, without the places where they stood; the one without a key last.
fn contents(mut got: Vec<Value>) -> Vec<Value> {
    sort(&mut got);
    let content = |one: &Value| json!({ "key": one["key"], "value": one["value"], "headers": one["headers"] });
    let mut contents: Vec<_> = got.iter().map(content).collect();
    contents.sort_by_key(|one| one["key"].is_null());
    contents
}

async fn send_ours(producer: &Producer, topic: &str) {
    for message in messages() {
        let mut outgoing = OutgoingMessage::new(topic);
        if let Some(key) = bytes(&message["key"]) {
            outgoing = outgoing.key(key);
        }
        outgoing = match bytes(&message["value"]) {
            Some(value) => outgoing.payload(value),
            None => outgoing.tombstone(),
        };
        for header in message["headers"].as_array().unwrap() {
            outgoing = outgoing.header(header[0].as_str().unwrap(), bytes(&header[1]).unwrap());
        }
        producer.send(outgoing).await.unwrap();
    }
}

with_foreign_programs! {
    async fn what_kafkajs_sends_arrives_here_as_it_was(broker: &Broker) {
        let stage = Stage::new(broker, &["orders"]).await;
        let kafkajs = Program::kafkajs(broker).await;
        kafkajs.tell("produce", json!({ "topic": stage.topic("orders"), "messages": messages() })).await;
        let witness = Witness::default();
        let app = stage.app("witness", &[("Witness.on_message", "orders")]);
        let handle = start(app.consumer(witness.clone())).await;
        assert_eq!(contents(witness.wait_for(messages().len()).await), messages());
        handle.shutdown().await.unwrap();
    }

    async fn what_millstream_sends_arrives_at_kafkajs_as_it_was(broker: &Broker) {
        let stage = Stage::new(broker, &["orders", "unused"]).await;
        let app = stage.app("sender", &[("Witness.on_message", "unused")]).consumer(Witness::default());
        let handle = start(app).await;
        send_ours(&handle.component::<Producer>().unwrap(), &stage.topic("orders")).await;
        handle.shutdown().await.unwrap();
        let kafkajs = Program::kafkajs(broker).await;
        let name = stage.topic("orders");
        kafkajs.tell("consume", json!({ "consumer": name, "topic": name })).await;
        let got = kafkajs.wait_for_events("a message", messages().len(), |event| event["consumer"] == name.as_str());
        assert_eq!(contents(got.await), messages());
    }

    async fn what_midway_sends_arrives_here_as_it_was(broker: &Broker) {
        let stage = Stage::new(broker, &["orders"]).await;
        let midway = Program::midway(broker, &stage.topic("orders"), &stage.group("midway")).await;
        midway.tell("produce", json!({ "topic": stage.topic("orders"), "messages": messages() })).await;
        let witness = Witness::default();
        let app = stage.app("witness", &[("Witness.on_message", "orders")]);
        let handle = start(app.consumer(witness.clone())).await;
        assert_eq!(contents(witness.wait_for(messages().len()).await), messages());
        handle.shutdown().await.unwrap();
    }

    async fn what_millstream_sends_arrives_at_midway_as_it_was(broker: &Broker) {
        let stage = Stage::new(broker, &["orders", "unused"]).await;
        let midway = Program::midway(broker, &stage.topic("orders"), &stage.group("midway")).await;
        let app = stage.app("sender", &[("Witness.on_message", "unused")]).consumer(Witness::default());
        let handle = start(app).await;
        send_ours(&handle.component::<Producer>().unwrap(), &stage.topic("orders")).await;
        handle.shutdown().await.unwrap();
        let got = midway.wait_for_events("a message", messages().len(), |_| true).await;
        assert_eq!(contents(got), messages());
    }
}
