//! One value: where it goes, what it says, and when its request is settled.

use futures_util::stream;
use harness::prelude::*;
use millstream::{Error, Reply};

use crate::scene::{BY_HAND, ON_NUMBERS, ON_THREAD, Plot, Question, Scene, Told, error_of, header};

both_brokers! {
    /// Topic, partition, correlation id, payload, the mark of the end; and the position follows.
    async fn a_request_is_answered_where_it_says_and_settled(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a1", "one").await;
        scene.ask("a12", "two").await;
        let plot = Plot::loud();
        let running = scene.start(&plot, "").await;
        scene.wait_for_position(0, 2).await;
        assert_eq!(scene.told(2).await, [Told::value("a1", "ONE"), Told::value("a12", "TWO")]);
        let records = broker.read_all(&scene.replies).await;
        assert_eq!((records[0].key.as_deref(), header(&records[0], "kafka_nest-is-disposed")), (None, "\0"));
        assert_eq!(running.listener().unasked_results, 0);
        running.end().await;
        assert_eq!(plot.payloads(), ["one", "two"]);
    }

    /// Key and headers of the listener's own, and a plain value of a method that knows nothing of replies.
    async fn a_reply_has_the_key_and_the_headers_that_the_listener_gives_it(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "one").await;
        let plot = Plot::new(|_, _| Ok(Reply::new("done".to_owned()).key("k").header("a", "1").header("a", "2")));
        let running = scene.start(&plot, "").await;
        let records = scene.records(&scene.replies, 1).await;
        running.end().await;
        let headers: Vec<_> = records[0].headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(headers, ["a", "a", "kafka_correlationId", "kafka_nest-is-disposed"]);
        assert_eq!(records[0].key.as_deref(), Some(&b"k"[..]));
    }

    async fn a_method_that_returns_a_plain_value_answers_with_json(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "[1, 2, 3, 4, 5]").await;
        let plot = Plot::loud();
        let running = scene.start_as(&plot, ON_NUMBERS, "").await;
        assert_eq!(scene.told(1).await, [Told::value("a", "15")]);
        running.end().await;
    }

    /// Bytes for the id and for the partition, and the request's key.
    async fn springs_headers_are_answered_in_springs_way(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        let id = [0x9f_u8, 0x3c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
        let request = Record::to(&scene.topic).partition(0).key("k").payload("one");
        let request = request.header("kafka_replyTopic", &*scene.replies).header("kafka_correlationId", id);
        let request = request.header("kafka_replyPartition", 2_i32.to_be_bytes());
        broker.produce(request).await;
        let plot = Plot::loud();
        let running = scene.start(&plot, "").await;
        let records = scene.records(&scene.replies, 1).await;
        running.end().await;
        assert_eq!((records[0].partition, records[0].text()), (2, "ONE"));
        assert_eq!(records[0].key.as_deref(), Some(&b"k"[..]));
        // What a Spring service says is first; who asked with Millstream reads from the second that nothing follows.
        let marks = [("kafka_correlationId", id.to_vec()), ("millstream-last", b"value".to_vec())];
        assert_eq!(records[0].headers, marks.map(|(name, value)| (name.to_owned(), Some(value))));
    }

    /// A refusal is an answer and no failure.
    async fn a_refusal_is_told_and_the_message_is_settled_without_a_retry(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "one").await;
        let plot = Plot::new(|_, _| Ok(Reply::refuse("refused", "no such number")));
        let running = scene.start(&plot, "retries = 3").await;
        scene.wait_for_position(0, 1).await;
        let records = scene.records(&scene.replies, 1).await;
        running.end().await;
        assert_eq!(error_of(&records[0]), ("refused".into(), "no such number".into(), String::new()));
        assert_eq!((records[0].payload.as_deref(), plot.calls().len()), (None, 1));
    }

    async fn a_method_on_a_thread_that_blocks_answers(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        for id in ["a", "b", "c"] {
            scene.ask(id, id).await;
        }
        let plot = Plot::loud();
        let running = scene.start_as(&plot, ON_THREAD, "").await;
        scene.wait_for_position(0, 3).await;
        assert_eq!(scene.told(3).await, ["a", "b", "c"].map(|id| Told::value(id, &id.to_uppercase())));
        running.end().await;
        assert_eq!(plot.payloads(), ["a", "b", "c"]);
    }

    async fn a_method_on_a_thread_answers_many_at_once(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        let ids: Vec<_> = (0..50).map(|number| format!("id-{number:02}")).collect();
        let questions = ids.iter().map(|id| scene.request(Question { partition: 0, id, payload: id }));
        broker.produce_many(questions).await;
        let running = scene.start_as(&Plot::loud(), ON_THREAD, "order_by = \"none\"\nconcurrency = 8").await;
        scene.wait_for_position(0, 50).await;
        let mut told = scene.told(50).await;
        running.end().await;
        told.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(told, ids.iter().map(|id| Told::value(id, &id.to_uppercase())).collect::<Vec<_>>());
    }

    /// One partition, a hundred handlers that all wait until all of them run.
    async fn a_hundred_requests_of_one_partition_are_answered_at_once_each_once(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        let ids: Vec<_> = (0..300).map(|number| format!("id-{number:03}")).collect();
        let questions = ids.iter().map(|id| scene.request(Question { partition: 0, id, payload: id }));
        broker.produce_many(questions).await;
        let together = std::sync::Arc::new(tokio::sync::Barrier::new(100));
        let plot = Plot::waiting(move |call, _| {
            let (together, text) = (std::sync::Arc::clone(&together), call.payload.to_uppercase());
            Box::pin(async move {
                together.wait().await;
                Ok(Reply::new(text))
            })
        });
        let running = scene.start(&plot, "order_by = \"none\"\nconcurrency = 100").await;
        scene.wait_for_position(0, 300).await;
        let mut told = scene.told(300).await;
        running.end().await;
        told.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(told, ids.iter().map(|id| Told::value(id, &id.to_uppercase())).collect::<Vec<_>>());
        assert_eq!(plot.calls().len(), 300);
    }

    /// A listener that commits by hand and does not: answered, and the position stays.
    async fn a_listener_that_commits_by_hand_answers_and_its_verbs_decide_the_position(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "commit").await;
        scene.ask("b", "nothing").await;
        let plot = Plot::new(|call, ctx| {
            if call.payload == "commit" {
                drop(ctx.commit());
            }
            Ok(Reply::new(call.payload.clone()))
        });
        let running = scene.start_as(&plot, BY_HAND, "").await;
        assert_eq!(scene.told(2).await, [Told::value("a", "commit"), Told::value("b", "nothing")]);
        scene.wait_for_position(0, 1).await;
        running.end().await;
        assert_eq!(scene.position(0).await, Some(1));
    }

    /// What a rewound attempt returned is not the answer.
    async fn an_attempt_that_moves_back_is_not_answered(broker: &Broker) {
        for order in ["", "order_by = \"none\""] {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|call, ctx| {
                if call.attempt == 1 {
                    drop(ctx.commit_offsets(call.offset));
                }
                Ok(Reply::new(call.attempt.to_string()))
            });
            let running = scene.start(&plot, &format!("retries = 2\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            running.end().await;
            assert_eq!(scene.told(1).await, [Told::value("a", "2")]);
        }
    }

    /// The answer goes out when whoever holds the message has settled it; what was dropped is no answer.
    async fn a_deferred_request_is_answered_when_it_was_settled(broker: &Broker) {
        for order in ["", "order_by = \"none\""] {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|call, ctx| {
                let deferred = ctx.defer();
                if call.attempt == 1 {
                    deferred.fail(Error::new("not yet"));
                } else {
                    drop(deferred.commit());
                }
                Ok(Reply::new(call.attempt.to_string()))
            });
            let running = scene.start(&plot, &format!("retries = 2\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            assert_eq!(scene.told(1).await, [Told::value("a", "2")]);
            running.end().await;
        }
    }

    /// Whoever held it has settled it: what it was to be answered with cannot make it come again.
    async fn a_deferred_request_whose_answer_cannot_be_sent_is_not_handled_again(broker: &Broker) {
        for order in ["", "order_by = \"none\""] {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|_, ctx| {
                drop(ctx.defer().commit());
                Ok(Reply::stream(stream::iter([Err::<String, _>(Error::new("nothing to tell"))])))
            });
            let running = scene.start(&plot, &format!("retries = 3\n{order}")).await;
            assert_eq!(scene.told(1).await, [Told::error("a")]);
            scene.wait_for_position(0, 1).await;
            running.end().await;
            assert_eq!(plot.calls().len(), 1);
        }
    }
}
