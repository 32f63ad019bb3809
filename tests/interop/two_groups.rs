//! Services in two groups each answer every request.

use harness::prelude::*;
use serde_json::{Value, json};

use crate::math::Math;
use crate::nest_client::NestClient;
use crate::nest_events::SERVED;
use crate::program::Program;
use crate::stage::{Stage, with_foreign_programs};

/// All that a reader sees of a reply: headers, partition and payload.
type Content = (Vec<(String, Vec<u8>)>, i32, Option<Vec<u8>>);

/// What a reader sees; JSON in the order of its fields' names.
fn content(reply: &Received) -> Content {
    let plain = |value: &Option<Vec<u8>>| {
        let value = value.clone().unwrap();
        serde_json::from_slice::<Value>(&value).map_or(value, |json| json.to_string().into())
    };
    let mut headers: Vec<_> = reply.headers.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
    headers.sort();
    (headers, reply.partition, reply.payload.clone())
}

with_foreign_programs! {
    async fn a_nest_client_takes_one_answer_of_two_services_in_millstream(broker: &Broker) {
        let stage = Stage::new(broker, &["sum"]).await;
        let services = [Math::start(&stage, "one", &["sum"]).await, Math::start(&stage, "two", &["sum"]).await];
        let client = NestClient::connect(&stage, &["sum"]).await;
        for _ in 0..3 {
            assert_eq!(client.ask_one("sum", json!([1, 2])).await, "3");
        }
        wait_until("both have answered each request", async || {
            broker.read_all(&stage.topic("sum.reply")).await.len() == 6
        })
        .await;
        client.disconnect().await;
        for service in services {
            service.shutdown().await.unwrap();
        }
    }

    async fn a_nest_client_takes_one_answer_of_a_nest_service_and_one_in_millstream(broker: &Broker) {
        let stage = Stage::new(broker, &SERVED).await;
        let handle = Math::start(&stage, "ours", &["sum", "fail"]).await;
        let (nest, service) = (Program::nest(broker).await, stage.group("theirs"));
        nest.tell("serve", json!({ "service": service, "group": service, "prefix": stage.prefix })).await;
        let client = NestClient::connect(&stage, &["sum", "fail"]).await;
        for _ in 0..3 {
            assert_eq!(client.ask_one("sum", json!([1, 2])).await, "3");
        }
        let refused = client.ask("fail", json!("object")).await;
        assert_eq!(refused["error"]["status"], "refused");
        wait_until("both have answered each request", async || {
            broker.read_all(&stage.topic("sum.reply")).await.len() == 6
                && broker.read_all(&stage.topic("fail.reply")).await.len() == 2
        })
        .await;
        // Nobody who reads them could tell who has written which.
        for pattern in ["sum.reply", "fail.reply"] {
            let mut replies: Vec<_> = broker.read_all(&stage.topic(pattern)).await.iter().map(content).collect();
            replies.sort();
            for pair in replies.chunks(2) {
                assert_eq!(pair[0], pair[1]);
            }
        }
        client.disconnect().await;
        nest.tell("stop", json!({ "service": service })).await;
        handle.shutdown().await.unwrap();
    }
}
