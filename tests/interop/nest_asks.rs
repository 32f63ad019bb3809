//! A client of `NestJS` asks a service in Millstream, and sees what one of its own would have answered.

use futures_util::future::join_all;
use harness::prelude::*;
use millstream::Handle;
use serde_json::json;

use crate::math::Math;
use crate::nest_client::NestClient;
use crate::stage::{Stage, with_foreign_programs};

/// A service in Millstream, and a client of `NestJS` that may ask it the same patterns.
struct Scene<'b> {
    stage: Stage<'b>,
    handle: Handle,
    client: NestClient,
}

impl<'b> Scene<'b> {
    async fn new(broker: &'b Broker, patterns: &[&str]) -> Self {
        let stage = Stage::new(broker, patterns).await;
        let handle = Math::start(&stage, "math", patterns).await;
        let client = NestClient::connect(&stage, patterns).await;
        Self { stage, handle, client }
    }

    /// Ends it, and gives what was answered to requests of a pattern.
    async fn replies(self, pattern: &str) -> Vec<Received> {
        let (broker, topic) = (self.stage.broker, self.stage.topic(&format!("{pattern}.reply")));
        self.end().await;
        broker.read_all(&topic).await
    }

    async fn end(self) {
        self.client.disconnect().await;
        self.handle.shutdown().await.unwrap();
    }
}

with_foreign_programs! {
    async fn a_sum_of_an_object_a_list_a_text_and_a_number_is_answered(broker: &Broker) {
        let scene = Scene::new(broker, &["sum"]).await;
        for data in [
            json!({ "numbers": [1, 2, 3, 4, 5] }),
            json!([1, 2, 3, 4, 5]),
            json!("1,2,3,4,5"),
            json!(12345),
            json!({ "key": "1", "value": { "numbers": [1, 2, 3, 4, 5] } }),
            json!({ "value": { "numbers": [1, 2, 3, 4, 5] } }),
        ] {
            assert_eq!(scene.client.ask_one("sum", data.clone()).await, "15", "{data}");
        }
        scene.end().await;
    }

    async fn a_hundred_requests_at_once_are_each_answered_with_their_own_sum(broker: &Broker) {
        let scene = Scene::new(broker, &["sum"]).await;
        let asked = (0..100).map(|number| scene.client.ask_one("sum", json!({ "numbers": [number, 1000] })));
        for (number, sum) in join_all(asked).await.into_iter().enumerate() {
            assert_eq!(sum, (number + 1000).to_string());
        }
        scene.end().await;
    }

    async fn a_stream_arrives_in_order_and_ends(broker: &Broker) {
        let scene = Scene::new(broker, &["steps", "objects"]).await;
        let steps: Vec<_> = (1..=50).map(|step| step.to_string()).collect();
        assert_eq!(scene.client.ask("steps", json!(50)).await, json!({ "values": steps }));
        assert_eq!(scene.client.ask("steps", json!(1)).await, json!({ "values": ["1"] }));
        assert_eq!(scene.client.ask("objects", json!(2)).await, json!({ "values": [{ "step": 1 }, { "step": 2 }] }));
        scene.end().await;
    }

    /// With the one null that Nest's own services send: their wire has no other end of nothing.
    async fn an_empty_stream_and_nothing_end_the_request(broker: &Broker) {
        let scene = Scene::new(broker, &["empty", "nothing"]).await;
        assert_eq!(scene.client.ask("empty", json!("")).await, json!({ "values": [null] }));
        assert_eq!(scene.client.ask("nothing", json!("")).await, json!({ "values": [null] }));
        scene.end().await;
    }

    async fn a_refusal_has_the_shape_of_an_rpc_exception(broker: &Broker) {
        let scene = Scene::new(broker, &["fail"]).await;
        let object = json!({ "status": "refused", "message": "no such number", "code": 42 });
        assert_eq!(scene.client.ask("fail", json!("object")).await, json!({ "values": [], "error": object }));
        let text = json!({ "status": "error", "message": "no such number" });
        assert_eq!(scene.client.ask("fail", json!("text")).await, json!({ "values": [], "error": text }));
        scene.end().await;
    }

    async fn a_failure_is_answered_with_its_message_and_kind(broker: &Broker) {
        let scene = Scene::new(broker, &["fail", "sum"]).await;
        let failed = scene.client.ask("fail", json!("really")).await;
        let error = json!({ "status": "error", "message": "the service has failed", "kind": "terminal" });
        assert_eq!(failed, json!({ "values": [], "error": error }));
        let later = scene.client.ask("fail", json!("later")).await;
        assert_eq!(later["values"], json!(["1", "2"]));
        assert_eq!(later["error"]["message"], "no third number");
        // What does not decode is answered too, and stops nothing.
        let malformed = scene.client.ask("sum", json!({ "numbers": "one" })).await;
        assert_eq!((&malformed["values"], &malformed["error"]["status"]), (&json!([]), &json!("error")));
        assert_eq!(scene.client.ask_one("sum", json!([1])).await, "1");
        scene.end().await;
    }

    async fn a_request_that_succeeds_when_tried_again_is_answered_once(broker: &Broker) {
        let scene = Scene::new(broker, &["retry"]).await;
        assert_eq!(scene.client.ask_one("retry", json!("x")).await, "x again");
        assert_eq!(scene.replies("retry").await.len(), 1);
    }

    async fn a_tombstone_and_what_looks_like_an_envelope_travel_as_they_are(broker: &Broker) {
        let scene = Scene::new(broker, &["echo", "envelope"]).await;
        let tombstone = scene.client.ask_one("echo", json!({ "key": "k", "value": null })).await;
        assert_eq!(tombstone, json!({ "key": "k", "value": null }));
        let text = scene.client.ask_one("echo", json!("{not json")).await;
        assert_eq!(text, json!({ "key": null, "value": "{not json" }));
        let nothing = scene.client.ask_one("echo", json!("")).await;
        assert_eq!(nothing, json!({ "key": null, "value": "" }));
        assert_eq!(scene.client.ask_one("envelope", json!("")).await, json!({ "sum": 15 }));
        let reply = &scene.replies("envelope").await[0];
        assert_eq!(reply.key.as_deref(), Some(&b"answer"[..]));
        assert!(reply.headers.contains(&("trace-id".to_owned(), Some(b"abc".to_vec()))));
    }
}
