//! A service of `NestJS` is asked by Millstream.

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Handle, Json, Request, RequestErrorKind};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::nest_events::SERVED;
use crate::program::Program;
use crate::stage::{Stage, Witness, start, with_foreign_programs};

/// An application that asks a service of `NestJS`.
struct Scene<'b> {
    stage: Stage<'b>,
    nest: &'static Program,
    /// What the names of the service's topics begin with.
    prefix: String,
    handle: Handle,
    requests: Arc<Requests>,
}

impl<'b> Scene<'b> {
    /// With a service that all tests share: it tells requests apart by their ids.
    async fn new(broker: &'b Broker) -> Self {
        static SHARED: OnceCell<String> = OnceCell::const_new();
        let prefix = SHARED.get_or_init(|| async {
            let stage = Stage::new(broker, &SERVED).await;
            serve(Program::nest(broker).await, &stage.prefix, &stage.prefix).await;
            stage.prefix
        });
        Self::asking(broker, prefix.await.clone()).await
    }

    /// With services of its own, of these names, each in a group of its own.
    async fn with_services(broker: &'b Broker, names: &[&str]) -> Self {
        let services = Stage::new(broker, &SERVED).await;
        let scene = Self::asking(broker, services.prefix).await;
        for name in names {
            serve(scene.nest, &scene.stage.group(name), &scene.prefix).await;
        }
        scene
    }

    async fn asking(broker: &'b Broker, prefix: String) -> Self {
        let stage = Stage::new(broker, &["unused"]).await;
        let app = stage.app("asking", &[("Witness.on_message", "unused")]).consumer(Witness::default());
        let handle = start(app.require::<Requests>()).await;
        let requests = handle.component::<Requests>().unwrap();
        Self { stage, nest: Program::nest(broker).await, prefix, handle, requests }
    }

    fn ask(&self, pattern: &str) -> Request {
        self.requests.to(format!("{}.{pattern}", self.prefix))
    }

    async fn end(self) {
        assert_eq!(self.requests.pending(), 0);
        self.handle.shutdown().await.unwrap();
    }
}

/// Starts a service in a group of its own name.
async fn serve(nest: &Program, name: &str, prefix: &str) {
    nest.tell("serve", json!({ "service": name, "group": name, "prefix": prefix })).await;
}

#[derive(Serialize)]
struct Numbers {
    numbers: [i64; 5],
}

with_foreign_programs! {
    async fn a_sum_of_an_object_a_list_a_text_and_a_number_is_answered(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let object = Numbers { numbers: [1, 2, 3, 4, 5] };
        assert_eq!(scene.ask("sum").body(&object).send::<i64>().await.unwrap(), 15);
        assert_eq!(scene.ask("sum").body(&object).key("k").send::<i64>().await.unwrap(), 15);
        assert_eq!(scene.ask("sum").body(&object.numbers).send::<i64>().await.unwrap(), 15);
        assert_eq!(scene.ask("sum").body("1,2,3,4,5").send::<i64>().await.unwrap(), 15);
        assert_eq!(scene.ask("sum").body(&12345).send::<i64>().await.unwrap(), 15);
        assert_eq!(scene.ask("sum").body(&12345).send::<String>().await.unwrap(), "15");
        scene.end().await;
    }

    async fn a_hundred_requests_at_once_are_each_answered_with_their_own_sum(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let asked = (0..100).map(|number| scene.ask("sum").body(&[number, 1000]).send::<i64>());
        for (number, sum) in (0..).zip(join_all(asked).await) {
            assert_eq!(sum.unwrap(), number + 1000);
        }
        scene.end().await;
    }

    async fn a_stream_arrives_in_order_and_ends(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let steps: Vec<_> = scene.ask("steps").body(&50).stream::<i64>().map(Result::unwrap).collect().await;
        assert_eq!(steps, (1..=50).collect::<Vec<_>>());
        let objects: Vec<_> = scene.ask("objects").body(&2).stream::<Value>().map(Result::unwrap).collect().await;
        assert_eq!(objects, [json!({ "step": 1 }), json!({ "step": 2 })]);
        let none: Vec<_> = scene.ask("empty").body("").stream::<i64>().collect().await;
        assert!(none.is_empty(), "{none:?}");
        scene.end().await;
    }

    async fn nothing_and_an_empty_stream_are_read_as_nothing(broker: &Broker) {
        let scene = Scene::new(broker).await;
        assert_eq!(scene.ask("empty").body("").send::<Option<i64>>().await.unwrap(), None);
        scene.ask("nothing").body("").send::<()>().await.unwrap();
        scene.end().await;
    }

    async fn an_rpc_exception_is_a_refusal_with_its_status_and_message(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let refused = async |how: &str| {
            let error = scene.ask("fail").body(how).send::<i64>().await.unwrap_err();
            assert_eq!(error.kind(), RequestErrorKind::Refused, "{error}");
            assert!(error.may_have_been_handled());
            let remote = error.remote().unwrap();
            (remote.status.clone(), remote.message.clone(), remote.kind.clone(), remote.raw["code"].as_i64())
        };
        let message = "no such number".to_owned();
        assert_eq!(refused("object").await, ("refused".into(), message.clone(), None, Some(42)));
        assert_eq!(refused("text").await, ("error".into(), message, None, None));
        // The text of any other error stays with the service.
        assert_eq!(refused("really").await, ("error".into(), "Internal server error".into(), None, None));
        scene.end().await;
    }

    async fn an_exception_after_two_values_is_the_streams_last_item(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let mut items: Vec<_> = scene.ask("fail").body("later").stream::<i64>().collect().await;
        let error = items.pop().unwrap().unwrap_err();
        assert_eq!(items.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(error.remote().unwrap().message, "no third number");
        scene.end().await;
    }

    async fn what_nest_tries_again_is_answered_once(broker: &Broker) {
        let scene = Scene::new(broker).await;
        assert_eq!(scene.ask("retry").body("x").send::<String>().await.unwrap(), "x again");
        scene.end().await;
    }

    async fn an_envelope_is_read_with_its_key_and_headers(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let response = scene.ask("envelope").body("").response().await.unwrap();
        assert_eq!(response.key().map(|key| &key[..]), Some(&b"answer"[..]));
        assert!(response.headers().contains(&("trace-id".to_owned(), Some("abc".into()))));
        let Json(sum) = response.value::<Json<Value>>().unwrap();
        assert_eq!(sum, json!({ "sum": 15 }));
        scene.end().await;
    }

    async fn a_key_and_a_tombstone_arrive_there(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let echo: Value = scene.ask("echo").key("k").body(&()).send().await.unwrap();
        assert_eq!((&echo["messageKey"], &echo["isTombstone"]), (&json!("k"), &json!(true)));
        let echo: Value = scene.ask("echo").key("k").body("").send().await.unwrap();
        assert_eq!((&echo["data"], &echo["isTombstone"]), (&json!(""), &json!(false)));
        scene.end().await;
    }

    async fn of_two_services_in_two_groups_the_first_answer_counts_and_the_other_is_late(broker: &Broker) {
        let scene = Scene::with_services(broker, &["one", "two"]).await;
        for number in 0..10 {
            assert_eq!(scene.ask("sum").body(&[number, 1]).send::<i64>().await.unwrap(), number + 1);
        }
        let both_have_answered = async || scene.requests.counts().late == 10;
        wait_until("the other service has answered as well", both_have_answered).await;
        for service in ["one", "two"] {
            scene.nest.tell("stop", json!({ "service": scene.stage.group(service) })).await;
        }
        scene.end().await;
    }
}
