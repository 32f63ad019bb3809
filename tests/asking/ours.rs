//! Millstream on both sides.

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Handle, RequestErrorKind, Wire};

use crate::asker::{Asker, LONG, app};

#[derive(Clone)]
struct Clerk;

#[consumer]
impl Clerk {
    #[kafka_listener("replaced", reply)]
    async fn double(&self, number: Nest<i64>) -> Result<i64> {
        number.0.checked_mul(2).ok_or_else(|| Error::terminal("too large"))
    }

    #[kafka_listener("replaced", reply)]
    async fn count(&self, until: Nest<i64>) -> Result<Reply<i64>> {
        Ok(Reply::stream(futures_util::stream::iter((0..until.0).map(Ok::<_, Error>))))
    }

    #[kafka_listener("replaced", reply)]
    async fn nothing(&self) -> Result<()> {
        Ok(())
    }
}

/// A running service, and one that asks it.
struct Scene {
    topic: String,
    idle: String,
    service: Handle,
    asker: Asker,
}

impl Scene {
    async fn new(broker: &Broker) -> Self {
        let (topic, idle) = (unique("clerk"), unique("idle"));
        broker.create_topic(&idle, 1).await;
        let mut more = String::from("[kafka.listener_defaults]\nstart = \"earliest\"\nretries = 0\n");
        for method in ["double", "count", "nothing"] {
            let name = format!("{topic}.{method}");
            broker.create_topic(&name, 2).await;
            broker.create_topic(&format!("{name}.reply"), 2).await;
            more.extend([format!("[kafka.listeners.\"Clerk.{method}\"]\ntopics = [\"{name}\"]\n")]);
        }
        let service = app(broker, &idle, &more).consumer(Clerk).build().unwrap().start().await.unwrap();
        let asker = Asker::start(app(broker, &idle, "")).await;
        Self { topic, idle, service, asker }
    }

    fn to(&self, method: &str) -> millstream::Request {
        self.asker.requests.to(format!("{}.{method}", self.topic)).timeout(LONG)
    }

    async fn end(self) {
        self.asker.end().await;
        self.service.shutdown().await.unwrap();
    }
}

both_brokers! {
    async fn values_errors_and_nothing_come_as_the_service_means_them(broker: &Broker) {
        let scene = Scene::new(broker).await;
        for wire in [Wire::Nest, Wire::Spring] {
            assert_eq!(scene.to("double").wire(wire).body(&21).send::<i64>().await.unwrap(), 42);
            scene.to("nothing").wire(wire).body("x").send::<()>().await.unwrap();
            let error = scene.to("double").wire(wire).body(&i64::MAX).send::<i64>().await.unwrap_err();
            assert_eq!(error.kind(), RequestErrorKind::Refused, "{error}");
            let remote = error.remote().unwrap();
            assert_eq!((remote.message.as_str(), remote.kind.as_deref()), ("too large", Some("terminal")));
            let error = scene.to("double").wire(wire).body("no number").send::<i64>().await.unwrap_err();
            assert_eq!(error.remote().and_then(|remote| remote.kind.as_deref()), Some("extract"), "{error}");
        }
        scene.end().await;
    }

    async fn streams_of_none_one_and_many_values_end_by_themselves(broker: &Broker) {
        let scene = Scene::new(broker).await;
        for wire in [Wire::Nest, Wire::Spring] {
            for count in [0, 1, 2, 300] {
                let values = scene.to("count").wire(wire).body(&count).stream::<i64>().map(Result::unwrap);
                assert_eq!(values.collect::<Vec<_>>().await, (0..count).collect::<Vec<_>>(), "{wire:?}");
            }
        }
        let counts = scene.asker.requests.counts();
        assert_eq!((counts.answered, counts.cancelled, counts.late), (8, 0, 0));
        scene.end().await;
    }

    async fn five_hundred_requests_at_once_are_answered_each_with_its_own(broker: &Broker) {
        let scene = Scene::new(broker).await;
        let answers = join_all((0..500_i64).map(|number| scene.to("double").body(&number).send::<i64>())).await;
        assert!(answers.into_iter().zip(0..).all(|(answer, number)| answer.unwrap() == 2 * number));
        scene.end().await;
    }

    async fn what_an_instance_that_is_gone_asked_does_not_disturb_the_next_one(broker: &Broker) {
        let scene = Scene::new(broker).await;
        // Its process is gone without having waited for anything.
        let gone = Asker::start(app(broker, &scene.idle, "")).await;
        let asking = tokio::spawn(gone.requests.to(format!("{}.double", scene.topic)).timeout(LONG).body(&1).send::<i64>());
        wait_until("it was sent", async || gone.requests.counts().sent == 1).await;
        asking.abort();
        drop(asking.await);
        gone.end().await;
        assert_eq!(scene.to("double").body(&5).send::<i64>().await.unwrap(), 10);
        scene.end().await;
    }
}
