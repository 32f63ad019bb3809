//! A trait of requests is asked of a service of `NestJS`.

use futures_util::{Stream, StreamExt as _};
use millstream::prelude::*;
use millstream::{RequestErrorKind, kafka_client};
use serde::Serialize;
use serde_json::json;

use crate::nest_events::SERVED;
use crate::program::Program;
use crate::stage::{Stage, Witness, start, with_foreign_programs};

/// The attributes of a trait are fixed, so its topics are the same in every run.
const PREFIX: &str = "interop-trait";

#[derive(Serialize)]
struct User<'u> {
    name: &'u str,
}

#[kafka_client(wire = "nest", timeout = "30s")]
trait Calculator {
    #[request("interop-trait.sum")]
    async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>;

    #[request("interop-trait.steps", stream)]
    fn steps(&self, count: u32) -> impl Stream<Item = Result<i64, RequestError>>;

    #[request("interop-trait.fail")]
    async fn fail(&self, how: &str) -> Result<i64, RequestError>;

    #[emit("interop-trait.created", key = id)]
    async fn user_created(&self, id: &str, user: &User<'_>) -> Result<(), SendError>;
}

with_foreign_programs! {
    async fn a_trait_of_requests_asks_and_tells_a_nest_service(broker: &Broker) {
        let stage = Stage::new(broker, &["unused"]).await;
        let (nest, service) = (Program::nest(broker).await, stage.group("service"));
        let topics: Vec<_> = SERVED.iter().map(|pattern| format!("{PREFIX}.{pattern}")).collect();
        nest.tell("topics", json!({ "topics": topics, "partitions": 3 })).await;
        nest.tell("serve", json!({ "service": service, "group": service, "prefix": PREFIX })).await;

        let app = stage.app("asking", &[("Witness.on_message", "unused")]).consumer(Witness::default());
        let handle = start(app.require::<CalculatorClient>()).await;
        let calculator: Arc<dyn Calculator> = handle.component::<CalculatorClient>().unwrap();
        assert_eq!(calculator.sum(&[1, 2, 3]).await.unwrap(), 6);
        let steps: Vec<_> = calculator.steps(3).map(Result::unwrap).collect().await;
        assert_eq!(steps, [1, 2, 3]);
        assert_eq!(calculator.fail("text").await.unwrap_err().kind(), RequestErrorKind::Refused);
        let id = stage.group("user");
        calculator.user_created(&id, &User { name: "Ada" }).await.unwrap();
        let is_ours = |event: &serde_json::Value| event["service"] == service.as_str() && event["key"] == id.as_str();
        let events = nest.wait_for_events("an event", 1, is_ours).await;
        assert_eq!(events[0]["data"], json!({ "name": "Ada" }));
        handle.shutdown().await.unwrap();
        nest.tell("stop", json!({ "service": service })).await;
    }
}
