//! Spring's `ReplyingKafkaTemplate` asks a service in Millstream.

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Handle, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::program::Program;
use crate::stage::{Stage, start, with_foreign_programs};

#[derive(Deserialize)]
struct Numbers {
    numbers: Vec<i64>,
}

#[derive(Serialize)]
struct Sum {
    sum: i64,
}

struct Answering;

#[consumer]
impl Answering {
    #[kafka_listener("replaced", reply)]
    async fn shout(&self, text: Option<&str>) -> Result<String> {
        match text {
            Some("") => Err(Error::terminal("nothing can be shouted")),
            Some(text) => Ok(text.to_uppercase()),
            None => Ok("SILENCE".to_owned()),
        }
    }

    #[kafka_listener("replaced", reply)]
    async fn sum(&self, Json(request): Json<Numbers>) -> Result<Sum> {
        Ok(Sum { sum: request.numbers.iter().sum() })
    }
}

struct Scene<'b> {
    stage: Stage<'b>,
    spring: &'static Program,
    handle: Handle,
}

impl<'b> Scene<'b> {
    async fn new(broker: &'b Broker) -> Self {
        let stage = Stage::new(broker, &["shout", "sum", "replies"]).await;
        let listeners = [("Answering.shout", "shout"), ("Answering.sum", "sum")];
        let handle = start(stage.app("answering", &listeners).consumer(Answering)).await;
        Self { spring: Program::spring(broker).await, stage, handle }
    }

    /// Makes a template of the stage's own name.
    async fn template(&self, mut how: Value) {
        how["name"] = json!(self.stage.prefix);
        how["replyTopic"] = json!(self.stage.topic("replies"));
        how["group"] = json!(self.stage.group("replies"));
        // What a Spring client of ours would be taught to look for.
        how["errorHeader"] = json!("kafka_exception-message");
        self.spring.tell("template", how).await;
    }

    async fn ask(&self, topic: &str, mut what: Value) -> Value {
        what["template"] = json!(self.stage.prefix);
        what["topic"] = json!(self.stage.topic(topic));
        self.spring.tell("ask", what).await
    }

    async fn end(self) {
        self.handle.shutdown().await.unwrap();
    }
}

with_foreign_programs! {
    async fn a_template_that_assigns_itself_a_partition_is_answered_there(broker: &Broker) {
        let scene = Scene::new(broker).await;
        scene.template(json!({ "format": "text", "partition": 2 })).await;
        let answer = scene.ask("shout", json!({ "text": "hello" })).await;
        assert_eq!((&answer["value"], &answer["partition"]), (&json!("HELLO"), &json!(2)), "{answer}");
        // It asked as Spring does: a partition of four bytes, an id of sixteen.
        let sent = |name: &str| {
            let headers = answer["sent"].as_array().unwrap();
            headers.iter().find(|header| header[0] == name).unwrap()[1].as_str().unwrap().to_owned()
        };
        assert_eq!((sent("kafka_replyPartition").as_str(), sent("kafka_correlationId").len()), ("00000002", 32));
        scene.end().await;
    }

    async fn a_template_whose_replies_are_read_by_a_group_is_answered(broker: &Broker) {
        let scene = Scene::new(broker).await;
        scene.template(json!({ "format": "text" })).await;
        let answer = scene.ask("shout", json!({ "text": "hello", "key": "k" })).await;
        assert_eq!(answer["value"], "HELLO", "{answer}");
        let tombstone = scene.ask("shout", json!({ "key": "k" })).await;
        assert_eq!(tombstone["value"], "SILENCE", "{tombstone}");
        scene.end().await;
    }

    async fn records_in_json_are_understood_both_ways(broker: &Broker) {
        let scene = Scene::new(broker).await;
        scene.template(json!({ "format": "json", "partition": 1 })).await;
        let answer = scene.ask("sum", json!({ "numbers": [1, 2, 3] })).await;
        assert_eq!(answer["value"], json!({ "sum": 6 }), "{answer}");
        // As a message its headers are mapped by Spring, with their types.
        let message = scene.ask("sum", json!({ "numbers": [1, 2, 3], "message": true })).await;
        assert_eq!(message["value"], json!({ "sum": 6 }), "{message}");
        scene.end().await;
    }

    async fn a_failure_is_an_exception_for_the_template_and_not_a_timeout(broker: &Broker) {
        let scene = Scene::new(broker).await;
        scene.template(json!({ "format": "text", "partition": 0 })).await;
        let answer = scene.ask("shout", json!({ "text": "" })).await;
        assert_eq!(answer["error"][0]["message"], "nothing can be shouted", "{answer}");
        assert_eq!(scene.ask("shout", json!({ "text": "hello" })).await["value"], "HELLO");
        scene.end().await;
    }
}
