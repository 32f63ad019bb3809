//! One request, one value.

use std::time::Duration;

use harness::prelude::*;
use millstream::trace::{self, TraceContext, TraceParent};
use millstream::{Bytes, Json, RequestErrorKind, Wire};
use serde::{Deserialize, Serialize};

use crate::asker::{Asker, LONG, SHORT};
use crate::service::Service;

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Order {
    id: u64,
    note: Option<String>,
}

both_brokers! {
    async fn a_request_brings_what_the_service_answers(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let order = Order { id: 7, note: None };
        let answered: Order = service
            .serving(broker, |asked| vec![asked.value(asked.text())], asker.to(&service).body(&order).send())
            .await
            .unwrap();
        assert_eq!(answered, order);
        let counts = asker.requests.counts();
        assert_eq!((counts.sent, counts.answered, counts.late, counts.foreign), (1, 1, 0, 0));
        asker.end().await;
    }

    async fn every_kind_of_value_is_read_as_what_is_asked_for(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let ask = |body: &'static str| asker.to(&service).body(body);
        let (number, text, nothing, unit, list, empty, json) = {
            let (a, b, c, d) = (ask("15"), ask("x again"), ask("null"), ask("null"));
            let (e, f, g) = (ask("[1,2]"), ask(""), ask("\"quoted\""));
            let asking = async {
                (
                    a.send::<i64>().await,
                    b.send::<String>().await,
                    c.send::<Option<i64>>().await,
                    d.send::<()>().await,
                    e.send::<Vec<u8>>().await,
                    f.send::<String>().await,
                    g.send::<Json<String>>().await,
                )
            };
            let answer = |asked: &crate::service::Asked| match asked.text() {
                "null" => vec![asked.last()],
                text => vec![asked.value(text)],
            };
            service.serving(broker, answer, asking).await
        };
        assert_eq!(number.unwrap(), 15);
        assert_eq!(text.unwrap(), "x again");
        assert_eq!(nothing.unwrap(), None);
        unit.unwrap();
        assert_eq!(list.unwrap(), [1, 2]);
        assert_eq!(empty.unwrap(), "");
        assert_eq!(json.unwrap().0, "quoted");
        asker.end().await;
    }

    async fn the_service_gets_key_headers_partition_and_where_to_answer(broker: &Broker) {
        let mut service = Service::start(broker, 3, 2).await;
        let asker = Asker::of(broker, &service).await;
        let request = asker
            .to(&service)
            .key("k")
            .header("a", "1")
            .header("a", "2")
            .partition(2)
            .payload(Bytes::from_static(b"\xff"))
            .timeout(LONG);
        let parent = TraceParent::random(true);
        let asking = tokio::spawn(trace::scope(TraceContext::new(parent), request.response()));
        let asked = service.next().await;
        assert_eq!((asked.partition, asked.key.as_deref()), (2, Some(&b"k"[..])));
        assert_eq!(asked.payload.as_deref(), Some(&b"\xff"[..]));
        let names: Vec<&str> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
        let expected =
            ["a", "a", "kafka_correlationId", "kafka_replyTopic", "kafka_replyPartition", "traceparent"];
        assert_eq!(names, expected);
        let trace: TraceParent = std::str::from_utf8(asked.header("traceparent").unwrap()).unwrap().parse().unwrap();
        assert_eq!(trace.trace_id(), parent.trace_id());
        assert_eq!(asked.header("kafka_replyTopic"), Some(service.replies.as_bytes()));
        let partition = std::str::from_utf8(asked.header("kafka_replyPartition").unwrap()).unwrap();
        assert!(["0", "1"].contains(&partition));
        let id = std::str::from_utf8(asked.header("kafka_correlationId").unwrap()).unwrap();
        let (instance, number) = id.split_once('-').unwrap();
        assert_eq!((instance.len(), number), (16, "0"));
        broker.produce(asked.value("15").key("reply-key").header("more", "yes")).await;
        let response = asking.await.unwrap().unwrap();
        assert_eq!(response.value::<i64>().unwrap(), 15);
        assert_eq!(response.key().map(|key| &key[..]), Some(&b"reply-key"[..]));
        let more = response.headers().iter().find(|(name, _)| name == "more").unwrap();
        assert_eq!(more.1.as_deref(), Some(&b"yes"[..]));
        asker.end().await;
    }

    async fn with_springs_conventions_id_and_partition_are_bytes(broker: &Broker) {
        let mut service = Service::start(broker, 1, 3).await;
        let asker = Asker::of(broker, &service).await;
        let asking = asker.to(&service).wire(Wire::Spring).body("x").send::<String>();
        let answering = async {
            let asked = service.next().await;
            assert_eq!(asked.header("kafka_correlationId").unwrap().len(), 16);
            assert_eq!(asked.header("kafka_replyPartition").unwrap().len(), 4);
            broker.produce(asked.reply().payload("y")).await;
        };
        let (answered, ()) = tokio::join!(asking, answering);
        assert_eq!(answered.unwrap(), "y");
        asker.end().await;
    }

    async fn the_first_reply_is_the_answer_and_the_next_ones_are_counted(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let answer = |asked: &crate::service::Asked| vec![asked.value("1"), asked.value("2"), asked.error("no")];
        let request = asker.to(&service);
        service
            .serving(broker, answer, async {
                assert_eq!(request.send::<i64>().await.unwrap(), 1);
                wait_until("the others were counted", async || asker.requests.counts().late == 2).await;
            })
            .await;
        asker.end().await;
    }

    async fn a_request_that_nobody_answers_times_out_and_its_reply_is_late(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::ready(broker, &mut service).await;
        let error = asker.to(&service).timeout(SHORT).send::<i64>().await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::TimedOut, "{error}");
        assert!(error.may_have_been_handled());
        assert!(error.to_string().contains(&service.topic) && error.to_string().contains("300ms"), "{error}");
        assert_eq!(asker.requests.pending(), 0);
        let asked = service.next().await;
        broker.produce(asked.value("1")).await;
        wait_until("the late reply was counted", async || asker.requests.counts().late == 1).await;
        assert_eq!(asker.requests.counts().timed_out, 1);
        asker.end().await;
    }

    async fn a_dropped_future_forgets_its_request(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let asking = tokio::spawn(asker.to(&service).send::<i64>());
        let asked = service.next().await;
        assert_eq!(asker.requests.pending(), 1);
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        assert_eq!(asker.requests.pending(), 0);
        broker.produce(asked.value("1")).await;
        wait_until("the reply was counted", async || asker.requests.counts().late == 1).await;
        assert_eq!(asker.requests.counts().cancelled, 1);
        asker.end().await;
    }

    async fn a_request_may_be_awaited_outside_of_the_runtime(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let asking = asker.to(&service).timeout(Duration::from_secs(50)).send::<i64>();
        // It has neither a timer nor a thread to spare.
        let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let thread = std::thread::spawn(move || other.block_on(asking));
        let asked = service.next().await;
        broker.produce(asked.value("9")).await;
        let answered = tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
        assert_eq!(answered.unwrap(), 9);
        asker.end().await;
    }
}
