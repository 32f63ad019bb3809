//! `@KafkaListener` with `@SendTo` is asked by Millstream.

use std::time::Duration;

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Handle, Request, RequestErrorKind, Wire};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::program::Program;
use crate::stage::{Stage, Witness, start, with_foreign_programs};

#[derive(Serialize)]
struct Numbers {
    numbers: [i64; 3],
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sum {
    sum: i64,
}

/// A listener in Spring, and an application that asks it.
struct Scene<'b> {
    stage: Stage<'b>,
    spring: &'static Program,
    handle: Handle,
    requests: Arc<Requests>,
}

impl<'b> Scene<'b> {
    async fn new(broker: &'b Broker, kind: &str) -> Self {
        let stage = Stage::new(broker, &["asked", "unused"]).await;
        let spring = Program::spring(broker).await;
        let app = stage.app("asking", &[("Witness.on_message", "unused")]).consumer(Witness::default());
        let handle = start(app.require::<Requests>()).await;
        let requests = handle.component::<Requests>().unwrap();
        let scene = Self { stage, spring, handle, requests };
        let (listener, topic) = (&scene.stage.prefix, scene.stage.topic("asked"));
        let command = json!({ "listener": listener, "kind": kind, "topic": topic, "group": scene.stage.group(kind) });
        spring.tell("serve", command).await;
        scene
    }

    fn ask(&self) -> Request {
        self.requests.to(self.stage.topic("asked")).wire(Wire::Spring)
    }

    async fn end(self) {
        assert_eq!(self.requests.pending(), 0);
        self.handle.shutdown().await.unwrap();
        self.spring.tell("stop", json!({ "listener": self.stage.prefix })).await;
    }
}

with_foreign_programs! {
    async fn a_text_is_answered_with_a_text(broker: &Broker) {
        let scene = Scene::new(broker, "text").await;
        assert_eq!(scene.ask().body("hello").send::<String>().await.unwrap(), "HELLO");
        assert_eq!(scene.ask().body("hello").key("k").send::<String>().await.unwrap(), "HELLO");
        // It was asked as by one of Spring's own: a partition of four bytes, an id of sixteen.
        let listener = scene.stage.prefix.clone();
        let asked = scene.spring.wait_for_events("a request", 2, |event| event["listener"] == listener.as_str()).await;
        let header = |name: &str| -> Value {
            let headers = asked[0]["headers"].as_array().unwrap();
            headers.iter().find(|header| header[0] == name).unwrap()[1].clone()
        };
        assert_eq!(header("kafka_replyPartition").as_str().map(str::len), Some(8));
        assert_eq!(header("kafka_correlationId").as_str().map(str::len), Some(32));
        scene.end().await;
    }

    async fn a_record_in_json_is_answered_with_one(broker: &Broker) {
        let scene = Scene::new(broker, "json").await;
        let sum = scene.ask().body(&Numbers { numbers: [1, 2, 3] }).send::<Sum>().await.unwrap();
        assert_eq!(sum, Sum { sum: 6 });
        scene.end().await;
    }

    async fn what_an_error_handler_answers_comes_with_its_header(broker: &Broker) {
        let scene = Scene::new(broker, "telling").await;
        let response = scene.ask().body("hello").response().await.unwrap();
        assert_eq!(response.value::<String>().unwrap(), "no such number");
        assert!(response.headers().contains(&("serverSentAnError".to_owned(), Some("true".into()))));
        scene.end().await;
    }

    async fn a_listener_that_fails_answers_nobody_and_the_request_times_out(broker: &Broker) {
        let scene = Scene::new(broker, "failing").await;
        // Once a request was sent its replies can be read: no other has to wait for that.
        let first = tokio::spawn(scene.ask().body("hello").response());
        wait_until("a request was sent", async || scene.requests.counts().sent == 1).await;
        first.abort();
        assert!(first.await.is_err());
        let error = scene.ask().body("hello").timeout(Duration::from_secs(2)).send::<String>().await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::TimedOut, "{error}");
        assert!(error.may_have_been_handled());
        scene.end().await;
    }
}
