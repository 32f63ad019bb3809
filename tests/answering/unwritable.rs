//! Reply topics that cannot be written: the lane waits and is seen to, and the listener is not called again.

use harness::prelude::*;
use millstream::{Error, Event, RunErrorKind};

use crate::scene::{ON_REQUEST, Plot, Question, Scene, Told};

/// A request whose replies are to go to a partition that the topic does not have.
async fn ask_for_a_partition_that_is_not_there(scene: &Scene<'_>) {
    let request = Record::to(&scene.topic).partition(0).key("one").payload("one").header("kafka_correlationId", "a");
    let request = request.header("kafka_replyTopic", &*scene.replies).header("kafka_replyPartition", "7");
    scene.broker.produce(request).await;
}

const ORDERS: [&str; 2] = ["", "order_by = \"key\""];

// The embedded broker makes every topic that somebody asks for.
real_broker! {
    /// Position, state, event; and once the topic is there the same answer, of the same call.
    async fn a_request_waits_for_its_reply_topic_and_is_settled_only_when_answered(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::without_replies(broker, 2).await;
            scene.ask("a", "one").await;
            scene.ask("b", "two").await;
            broker.produce(Record::to(&scene.topic).partition(1).payload("elsewhere")).await;
            let plot = Plot::loud();
            // What the listener is given for itself does not limit the writing.
            let running = scene.start(&plot, &format!("timeout = \"500ms\"\n{order}")).await;
            let event = running.event("a topic cannot be written", |event| matches!(event, Event::CannotWrite { .. })).await;
            let Event::CannotWrite { offset, to, .. } = event else { unreachable!() };
            assert_eq!((offset, &*to), (0, &*scene.replies));
            running.wait_until_writing(0).await;
            assert!(running.listener().is_held());
            // Another partition goes on.
            scene.wait_for_position(1, 1).await;
            assert_eq!(scene.position(0).await.unwrap_or(0), 0);
            assert_eq!(plot.payloads().iter().filter(|payload| *payload == "two").count(), 0, "its lane waits");
            scene.create_replies().await;
            scene.wait_for_position(0, 2).await;
            assert_eq!(scene.told(2).await, [Told::value("a", "ONE"), Told::value("b", "TWO")]);
            assert!(!running.listener().is_held());
            running.end().await;
            assert_eq!(plot.calls().len(), 3);
        }
    }

    async fn an_error_waits_for_its_reply_topic_too(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::without_replies(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::failing(|| Error::terminal("no"));
            let running = scene.start(&plot, order).await;
            running.wait_until_writing(0).await;
            assert_eq!(scene.position(0).await.unwrap_or(0), 0);
            scene.create_replies().await;
            scene.wait_for_position(0, 1).await;
            assert_eq!(scene.told(1).await, [Told::error("a")]);
            running.end().await;
            assert_eq!(plot.calls().len(), 1);
        }
    }

    /// An end while the reply cannot be written settles nothing: the next owner handles it again.
    async fn an_end_while_a_reply_waits_leaves_the_request_to_the_next_start(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::without_replies(broker, 1).await;
            scene.ask("a", "one").await;
            let running = scene.start(&Plot::loud(), order).await;
            running.wait_until_writing(0).await;
            running.end().await;
            assert_eq!(scene.position(0).await.unwrap_or(0), 0);
            scene.create_replies().await;
            let plot = Plot::loud();
            let running = scene.start(&plot, order).await;
            scene.wait_for_position(0, 1).await;
            assert_eq!(scene.told(1).await, [Told::value("a", "ONE")]);
            running.end().await;
            assert_eq!(plot.payloads(), ["one"]);
        }
    }

    /// A partition that is taken away while its reply cannot be written.
    async fn a_revoked_partition_takes_its_unanswered_request_along(broker: &Broker) {
        let scene = Scene::without_replies(broker, 2).await;
        for partition in 0..2 {
            let question = Question { partition, id: "a", payload: "one" };
            broker.produce(scene.request(question)).await;
        }
        let (first, second) = (Plot::loud(), Plot::loud());
        let one = scene.start(&first, "").await;
        wait_until("both partitions wait", async || first.calls().len() == 2).await;
        let two = scene.start(&second, "").await;
        wait_until("the other member has handled one of them", async || second.calls().len() == 1).await;
        scene.create_replies().await;
        scene.wait_for_position(0, 1).await;
        scene.wait_for_position(1, 1).await;
        assert_eq!(scene.told(2).await, [Told::value("a", "ONE"), Told::value("a", "ONE")]);
        one.end().await;
        two.end().await;
        assert_eq!((first.calls().len(), second.calls().len()), (2, 1));
    }

    /// Held by hand, the answer is kept: who resumes it sends it, and does not call the listener again.
    async fn a_pause_while_a_reply_waits_keeps_the_answer(broker: &Broker) {
        let scene = Scene::without_replies(broker, 1).await;
        scene.ask("a", "one").await;
        let plot = Plot::loud();
        let running = scene.start(&plot, "").await;
        running.wait_until_writing(0).await;
        running.handle.pause(ON_REQUEST, .., "the test").unwrap();
        running.wait_until_paused(0).await;
        scene.create_replies().await;
        running.handle.resume(ON_REQUEST, ..).unwrap();
        scene.wait_for_position(0, 1).await;
        assert_eq!(scene.told(1).await, [Told::value("a", "ONE")]);
        running.end().await;
        assert_eq!(plot.calls().len(), 1);
    }
}

both_brokers! {
    /// An operator who gives the requester up.
    async fn a_skip_while_a_reply_waits_settles_the_request_without_an_answer(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            ask_for_a_partition_that_is_not_there(&scene).await;
            broker.produce(Record::to(&scene.topic).partition(0).key("one").payload("behind")).await;
            let plot = Plot::loud();
            let running = scene.start(&plot, order).await;
            running.wait_until_writing(0).await;
            running.handle.skip(ON_REQUEST, &scene.topic, 0, 0, "nobody waits").unwrap();
            scene.wait_for_position(0, 2).await;
            running.event("it was skipped", |event| matches!(event, Event::Skipped { offset: 0, .. })).await;
            running.end().await;
            assert_eq!(plot.payloads(), ["one", "behind"]);
        }
    }

    /// The answer belongs to a message that is no longer in turn.
    async fn a_seek_while_a_reply_waits_drops_the_answer(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            ask_for_a_partition_that_is_not_there(&scene).await;
            broker.produce(Record::to(&scene.topic).partition(0).key("one").payload("behind")).await;
            let plot = Plot::loud();
            let running = scene.start(&plot, order).await;
            running.wait_until_writing(0).await;
            running.handle.seek(ON_REQUEST, &scene.topic, 0, 1).unwrap();
            scene.wait_for_position(0, 2).await;
            running.end().await;
            assert_eq!(plot.payloads(), ["one", "behind"]);
        }
    }

    /// A requester that names a partition which is not there yet.
    async fn a_reply_waits_for_its_partition(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        ask_for_a_partition_that_is_not_there(&scene).await;
        let plot = Plot::loud();
        let running = scene.start(&plot, "").await;
        running.wait_until_writing(0).await;
        assert_eq!(scene.position(0).await.unwrap_or(0), 0);
        if broker.can(Capability::AddPartitions) {
            broker.add_partitions(&scene.replies, 8).await;
            scene.wait_for_position(0, 1).await;
            assert_eq!(scene.told(1).await, [Told { partition: 7, ..Told::value("a", "ONE") }]);
        }
        running.end().await;
        assert_eq!(plot.payloads(), ["one"]);
    }

    /// One handler at a time: the request that cannot be answered is handled, and needs no place among them.
    async fn a_reply_that_waits_takes_no_place_from_other_partitions(broker: &Broker) {
        for order in ["", "order_by = \"none\""] {
            let scene = Scene::new(broker, 2).await;
            ask_for_a_partition_that_is_not_there(&scene).await;
            let plot = Plot::loud();
            let running = scene.start(&plot, &format!("concurrency = 1\n{order}")).await;
            running.wait_until_writing(0).await;
            let question = Question { partition: 1, id: "b", payload: "two" };
            broker.produce(scene.request(question)).await;
            scene.wait_for_position(1, 1).await;
            assert_eq!(scene.told(1).await, [Told::value("b", "TWO")]);
            assert_eq!(scene.position(0).await.unwrap_or(0), 0);
            running.end().await;
            assert_eq!(plot.payloads(), ["one", "two"]);
        }
    }

    /// Where the order is the key's, what has another key goes on too.
    async fn a_reply_that_waits_holds_its_key_only(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        ask_for_a_partition_that_is_not_there(&scene).await;
        let plot = Plot::loud();
        let running = scene.start(&plot, "order_by = \"key\"\nconcurrency = 1").await;
        running.wait_until_writing(0).await;
        for (key, payload) in [("one", "behind"), ("two", "beside")] {
            let question = Question { partition: 0, id: payload, payload };
            broker.produce(scene.request(question).key(key)).await;
        }
        assert_eq!(scene.told(1).await, [Told::value("beside", "BESIDE")]);
        running.end().await;
        assert_eq!((plot.payloads(), scene.position(0).await.unwrap_or(0)), (vec!["one".into(), "beside".into()], 0));
    }

    /// Committed, failed, and nobody can be told: a pause and a resume do not have it handled again.
    async fn an_error_of_a_committed_request_waits_through_a_pause_without_another_call(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        ask_for_a_partition_that_is_not_there(&scene).await;
        let plot = Plot::new(|_, ctx| {
            drop(ctx.commit());
            Err(Error::new("too late"))
        });
        let running = scene.start(&plot, "retries = 3").await;
        running.wait_until_writing(0).await;
        running.handle.pause(ON_REQUEST, .., "the test").unwrap();
        running.wait_until_paused(0).await;
        running.handle.resume(ON_REQUEST, ..).unwrap();
        running.wait_until_writing(0).await;
        running.end().await;
        assert_eq!(plot.calls().len(), 1);
    }

    /// It stands among the dead letters already: a pause and a resume do not write it there again.
    async fn a_dead_letter_whose_error_waits_is_written_once_through_a_pause(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        let dead = unique("dead");
        broker.create_topic(&dead, 1).await;
        ask_for_a_partition_that_is_not_there(&scene).await;
        let plot = Plot::failing(|| Error::terminal("no"));
        let options = format!("on_failure = \"dead_letter\"\ndead_letter = {{ topic = \"{dead}\" }}");
        let running = scene.start(&plot, &options).await;
        running.wait_until_writing(0).await;
        running.handle.pause(ON_REQUEST, .., "the test").unwrap();
        running.wait_until_paused(0).await;
        running.handle.resume(ON_REQUEST, ..).unwrap();
        running.wait_until_writing(0).await;
        running.end().await;
        assert_eq!((plot.calls().len(), broker.read_all(&dead).await.len()), (1, 1));
    }

    /// Who is to stop does not wait for who cannot be told.
    async fn an_application_that_is_to_stop_does_not_wait_for_a_reply_topic(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            ask_for_a_partition_that_is_not_there(&scene).await;
            let plot = Plot::failing(|| Error::terminal("no"));
            let running = scene.start(&plot, &format!("on_failure = \"stop\"\n{order}")).await;
            let error = running.handle.ended().await.unwrap_err();
            assert_eq!(error.kind(), RunErrorKind::Listener);
            assert_eq!(scene.position(0).await.unwrap_or(0), 0, "it is not settled: the next owner tells");
        }
    }
}
