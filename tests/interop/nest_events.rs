//! Events between `NestJS` and Millstream.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Nest, OutgoingMessage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::program::Program;
use crate::stage::{Stage, Witness, hex, start, with_foreign_programs};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    name: String,
}

/// What an event was: its key, its user if it had one, and a header.
type Seen = (Option<String>, Option<User>, Option<String>);

#[derive(Clone, Default)]
struct Users(Arc<Mutex<Vec<Seen>>>);

#[consumer]
impl Users {
    #[kafka_listener("replaced")]
    async fn on_created(
        &self,
        user: Option<Nest<User>>,
        key: Option<Key<&str>>,
        #[header("trace-id")] trace: Option<&str>,
    ) -> Result<()> {
        let seen = (key.map(|Key(key)| key.to_owned()), user.map(Nest::into_inner), trace.map(str::to_owned));
        self.0.lock().unwrap().push(seen);
        Ok(())
    }
}

impl Users {
    async fn wait_for(&self, count: usize) -> Vec<Seen> {
        let mut seen = wait_until(&format!("{count} events were seen"), async || {
            let seen = self.0.lock().unwrap().clone();
            (seen.len() >= count).then_some(seen)
        })
        .await;
        seen.sort_by(|one, other| one.0.cmp(&other.0));
        seen
    }
}

fn ada() -> User {
    User { id: 7, name: "Ada".into() }
}

with_foreign_programs! {
    async fn what_a_nest_client_emits_reaches_a_listener(broker: &Broker) {
        let stage = Stage::new(broker, &["created"]).await;
        let nest = Program::nest(broker).await;
        let client = stage.group("emitting");
        nest.tell("connect", json!({ "client": client, "group": client, "patterns": [] })).await;
        let emit = async |data: Value| {
            nest.tell("emit", json!({ "client": client, "pattern": stage.topic("created"), "data": data })).await
        };
        emit(json!(ada())).await;
        emit(json!({ "key": "a", "value": ada(), "headers": { "trace-id": "t-1" } })).await;
        emit(json!({ "key": "b", "value": null })).await;
        let batch = json!([{ "key": "c", "value": ada() }, { "key": "d", "value": ada() }]);
        nest.tell(
            "emitBatch",
            json!({ "client": client, "pattern": stage.topic("created"), "messages": batch }),
        )
        .await;
        let users = Users::default();
        let app = stage.app("users", &[("Users.on_created", "created")]);
        let handle = start(app.consumer(users.clone())).await;
        assert_eq!(
            users.wait_for(5).await,
            [
                (None, Some(ada()), None),
                (Some("a".into()), Some(ada()), Some("t-1".into())),
                (Some("b".into()), None, None),
                (Some("c".into()), Some(ada()), None),
                (Some("d".into()), Some(ada()), None),
            ]
        );
        handle.shutdown().await.unwrap();
    }

    async fn what_a_producer_sends_reaches_an_event_pattern(broker: &Broker) {
        let stage = Stage::new(broker, &[&SERVED[..], &["unused"]].concat()).await;
        let nest = Program::nest(broker).await;
        let service = stage.group("service");
        let app = stage.app("sender", &[("Witness.on_message", "unused")]).consumer(Witness::default());
        let handle = start(app).await;
        let producer = handle.component::<Producer>().unwrap();
        let message = || OutgoingMessage::new(stage.topic("created"));
        producer.send(message().key("k").payload(Nest(ada())).header("trace-id", "t-1")).await.unwrap();
        producer.send(message().key("k").payload("just text")).await.unwrap();
        producer.send(message().key("k").tombstone()).await.unwrap();
        handle.shutdown().await.unwrap();
        nest.tell("serve", json!({ "service": service, "group": service, "prefix": stage.prefix })).await;
        let events = nest.wait_for_events("an event", 3, |event| event["service"] == service.as_str()).await;
        nest.tell("stop", json!({ "service": service })).await;
        let data: Vec<_> = events.iter().map(|event| &event["data"]).collect();
        assert_eq!(data, [&json!(ada()), &json!("just text"), &Value::Null]);
        assert!(events.iter().all(|event| event["key"] == "k"), "{events:?}");
        assert_eq!(events[0]["headers"], json!([["trace-id", hex(b"t-1")]]));
    }
}

/// The topics that the service of the `NestJS` program listens to; all must be there.
pub(crate) const SERVED: [&str; 10] =
    ["sum", "steps", "objects", "fail", "retry", "empty", "nothing", "envelope", "echo", "created"];
