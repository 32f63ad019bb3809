//! Messages that ask for nothing, and topics that take every result.

use harness::prelude::*;
use millstream::{Error, PartitionState, Reply};

use crate::scene::{Plot, Scene, Told, header};

both_brokers! {
    async fn the_result_of_an_event_is_dropped_and_counted(broker: &Broker) {
        for order in ["", "order_by = \"none\""] {
            let scene = Scene::new(broker, 1).await;
            scene.emit("event").await;
            scene.ask("a", "request").await;
            // An id without a topic asks for nothing either.
            broker.produce(Record::to(&scene.topic).partition(0).payload("half").header("kafka_correlationId", "b")).await;
            let plot = Plot::loud();
            let running = scene.start(&plot, order).await;
            scene.wait_for_position(0, 3).await;
            assert_eq!(running.listener().unasked_results, 2);
            running.end().await;
            assert_eq!(scene.told(1).await, [Told::value("a", "REQUEST")]);
            assert_eq!(plot.payloads(), ["event", "request", "half"]);
        }
    }

    async fn an_event_that_fails_follows_the_plain_policy(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.emit("event").await;
        let plot = Plot::failing(|| Error::new("no"));
        let running = scene.start(&plot, "retries = 1").await;
        running.wait_until_paused(0).await;
        running.end().await;
        assert_eq!((plot.calls().len(), scene.position(0).await.unwrap_or(0)), (2, 0));
        assert_eq!(broker.read_all(&scene.replies).await, []);
    }

    /// Whatever the headers say, with the id if there is one and the request's key.
    async fn every_result_goes_to_the_topic_that_the_listener_sends_to(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        let results = unique("results");
        broker.create_topic(&results, 1).await;
        broker.produce(Record::to(&scene.topic).partition(0).key("k").payload("event")).await;
        scene.ask("a", "request").await;
        let plot = Plot::loud();
        let running = scene.start(&plot, &format!("send_to = \"{results}\"")).await;
        scene.wait_for_position(0, 2).await;
        let records = scene.records(&results, 2).await;
        assert_eq!((records[0].text(), records[0].key.as_deref()), ("EVENT", Some(&b"k"[..])));
        assert_eq!(records[0].headers, []);
        assert_eq!((records[1].text(), header(&records[1], "kafka_correlationId")), ("REQUEST", "a"));
        assert_eq!(records[1].headers.len(), 1);
        assert_eq!(running.listener().unasked_results, 0);
        running.end().await;
        assert_eq!(broker.read_all(&scene.replies).await, []);
    }

    /// Nobody is told of errors there: neither the topic nor who asked.
    async fn a_topic_for_all_results_is_told_of_no_error(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        let results = unique("results");
        broker.create_topic(&results, 1).await;
        scene.ask("a", "refused").await;
        scene.ask("b", "failed").await;
        let plot = Plot::new(|call, _| {
            if call.payload == "refused" { Ok(Reply::refuse("refused", "no")) } else { Err(Error::terminal("no")) }
        });
        let running = scene.start(&plot, &format!("send_to = \"{results}\"")).await;
        running.wait_until_paused(1).await;
        assert!(matches!(running.state(0), Some(PartitionState::Paused { .. })));
        assert_eq!(running.listener().unasked_results, 1);
        running.end().await;
        assert_eq!(broker.read_all(&results).await, []);
        assert_eq!(broker.read_all(&scene.replies).await, []);
    }
}
