//! `retry_topics`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use harness::prelude::*;
use millstream::{Error, Event};

use crate::running::Running;
use crate::scene::{Plot, Scene, header};

/// As the start on an application that makes its topics itself, or on a broker that has them already.
async fn create_retries(scene: &Scene<'_>, partitions: i32, delays: &[&str]) {
    if scene.broker.kind() == BrokerKind::Embedded {
        for delay in delays {
            scene.broker.create_topic(&scene.retry(delay), partitions).await;
        }
    }
}

both_brokers! {
    /// Attempts travel, the origin is told, the timestamp is the first one; what is behind goes on meanwhile.
    async fn a_message_goes_through_all_retry_topics_and_then_to_the_dead_letters(broker: &Broker) {
        let scene = Scene::new(broker, 2).await;
        create_retries(&scene, 2, &["100ms", "300ms"]).await;
        broker.create_topic(&scene.dead(), 2).await;
        let hour_ago = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis() - 3_600_000;
        let hour_ago = i64::try_from(hour_ago).expect("a time");
        broker.produce(Record::to(&scene.topic).partition(1).payload("poison").key("k").timestamp(hour_ago)).await;
        scene.produce(1, &["behind"]).await;
        let plot = Plot::failing_at("poison");
        let options = "retries = 1\nretry_topics = [\"100ms\", \"300ms\"]\nreorder = true\non_failure = \"dead_letter\"";
        let running = scene.start(&plot, options).await;
        let dead = scene.records(&scene.dead(), 1).await;
        assert_eq!(plot.attempts("poison"), [1, 2, 3, 4]);
        let calls: Vec<_> = plot.calls().into_iter().filter(|call| call.payload == "poison").collect();
        let topics: Vec<_> = calls.iter().map(|call| (call.topic.clone(), call.partition)).collect();
        let expected = [&scene.topic, &scene.topic, &scene.retry("100ms"), &scene.retry("300ms")];
        assert_eq!(topics, expected.map(|topic| (topic.clone(), 1)));
        assert_eq!(calls[0].origin, None);
        for retried in &calls[2..] {
            let origin = retried.origin.as_ref().expect("it was retried");
            assert_eq!((&*origin.topic, origin.partition, origin.offset), (&*scene.topic, 1, 0));
            if broker.can(Capability::Timestamps) {
                assert_eq!(retried.timestamp, Some(hour_ago));
            }
        }
        let dead = &dead[0];
        assert_eq!((dead.partition, dead.text(), dead.key.as_deref()), (1, "poison", Some(&b"k"[..])));
        assert_eq!((header(dead, "millstream-attempts"), header(dead, "millstream-origin-topic")), ("4", &*scene.topic));
        assert!(dead.headers.iter().all(|(name, _)| !name.starts_with("millstream-retry")), "{:?}", dead.headers);
        scene.wait_for_position(&scene.topic, 1, 2).await;
        scene.wait_for_position(&scene.retry("300ms"), 1, 1).await;
        running.end().await;
        let places: Vec<_> = plot.payloads();
        assert_eq!(places[..3], ["poison", "poison", "behind"], "what is behind does not wait");
    }

    /// A message that is not due holds only its retry partition, over a restart too.
    async fn a_message_that_is_not_due_holds_only_its_partition_and_waits_over_a_restart(broker: &Broker) {
        let scene = Scene::new(broker, 2).await;
        create_retries(&scene, 2, &["1h", "200ms"]).await;
        scene.produce(0, &["late"]).await;
        let plot = Plot::new(|call, _| match (&*call.payload, call.attempt) {
            ("late" | "soon", 1) => Err(Error::new("not yet")),
            _ => Ok(()),
        });
        let late = "retries = 0\nretry_topics = [\"1h\"]\nreorder = true";
        let running = scene.start(&plot, late).await;
        running.event("it waits", |event| matches!(event, Event::RetryScheduled { .. })).await;
        scene.wait_for_position(&scene.topic, 0, 1).await;
        running.end().await;

        let both = "retries = 0\nretry_topics = [\"200ms\", \"1h\"]\nreorder = true";
        scene.produce(1, &["soon", "next"]).await;
        let running = scene.start(&plot, both).await;
        wait_until("the other partition's message was tried again", async || plot.attempts("soon") == [1, 2]).await;
        scene.wait_for_position(&scene.topic, 1, 2).await;
        running.end().await;
        assert_eq!(plot.attempts("late"), [1], "an hour is not over");
        assert_eq!(scene.records(&scene.retry("1h"), 1).await.len(), 1);
        assert!(matches!(scene.position(&scene.retry("1h"), 0).await, None | Some(0)), "it is not settled");
    }

    /// What others wrote to a retry topic is due now, and its stage is the topic's.
    async fn a_foreign_message_in_a_retry_topic_is_handled_at_once(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        create_retries(&scene, 1, &["1h"]).await;
        broker.create_topic(&scene.dead(), 1).await;
        let options = "retries = 3\nretry_topics = [\"1h\"]\nreorder = true\non_failure = \"dead_letter\"";
        let plot = Plot::failing_at("foreign");
        let running = scene.start(&plot, options).await;
        let foreign = Record::to(&scene.retry("1h")).payload("foreign").header("millstream-retry-due", "tomorrow");
        broker.produce(foreign.header("millstream-attempts", [255])).await;
        let dead = scene.records(&scene.dead(), 1).await;
        assert_eq!(plot.attempts("foreign"), [1], "no retry blocks a retry topic, and there is no later one");
        assert_eq!(header(&dead[0], "millstream-origin-topic"), scene.retry("1h"));
        running.end().await;
    }

    /// Each topic that a pattern matches has retry topics, which the pattern itself does not mean.
    async fn retry_topics_of_a_pattern_are_made_and_read_by_its_listener_alone(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        create_retries(&scene, 1, &["100ms"]).await;
        scene.produce(0, &["twice"]).await;
        let plot = Plot::new(|call, _| if call.attempt == 1 { Err(Error::new("once")) } else { Ok(()) });
        let options = format!("pattern = '{}.*'\nretries = 0\nretry_topics = [\"100ms\"]\nreorder = true", scene.topic);
        let running = scene.start(&plot, &options).await;
        wait_until("it was tried again", async || plot.attempts("twice") == [1, 2]).await;
        scene.wait_for_position(&scene.retry("100ms"), 0, 1).await;
        running.end().await;
        let nested = format!("{}.{}.retry.100ms", scene.retry("100ms"), scene.group);
        assert!(!plot.calls().iter().any(|call| call.topic == nested));
    }
}

real_broker! {
    /// The application makes them, as many partitions as their source, and kept for long enough.
    async fn retry_topics_are_made_with_the_partitions_of_their_source(broker: &Broker) {
        let scene = Scene::new(broker, 3).await;
        let running = scene.start(&Plot::ok(), "retry_topics = [\"1m\"]\nreorder = true").await;
        wait_until("the retry topic is read", async || running.state(&scene.retry("1m"), 2).is_some()).await;
        assert_eq!(broker.partitions(&scene.retry("1m")).await, 3);
        running.end().await;
    }

    /// One that lets messages go before they are due would lose them.
    async fn a_retry_topic_that_forgets_too_soon_is_an_error_of_the_start(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        broker.create_topic_with(&scene.retry("1m"), 1, &[("retention.ms", "60000")]).await;
        let app = scene.app(&Plot::ok(), "retry_topics = [\"1m\"]\nreorder = true", "");
        let running = Running::start(app).await;
        let error = running.handle.ended().await.expect_err("it is to fail");
        let text = error.to_string();
        assert!(text.contains(&scene.retry("1m")) && text.contains("retention.ms"), "{text}");
    }

    /// A hundred partitions that are held cost next to nothing, and none is handled early.
    async fn a_hundred_held_partitions_are_quiet(broker: &Broker) {
        let scene = Scene::new(broker, 100).await;
        for partition in 0..100 {
            scene.produce(partition, &["late"]).await;
        }
        let plot = Plot::new(|call, _| if call.attempt == 1 { Err(Error::new("later")) } else { Ok(()) });
        let running = scene.start(&plot, "retries = 0\nretry_topics = [\"10s\"]\nreorder = true").await;
        wait_until_within(Duration::from_secs(90), "all were tried again", async || plot.calls().len() == 200).await;
        assert_eq!(plot.calls().iter().filter(|call| call.attempt == 2 && call.topic == scene.retry("10s")).count(), 100);
        running.end().await;
    }
}
