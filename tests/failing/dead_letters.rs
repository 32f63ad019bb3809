//! `on_failure = "dead_letter"`.

use std::time::{SystemTime, UNIX_EPOCH};

use harness::prelude::*;
use millstream::{Error, Event, PartitionState};

use crate::running::Running;
use crate::scene::{LISTENER, Plot, Scene, header};

both_brokers! {
    /// Byte for byte, with where from, why and how often; settled, and the next message goes on.
    async fn a_dead_letter_is_the_message_as_it_was_with_where_from_why_and_how_often(broker: &Broker) {
        let scene = Scene::new(broker, 2).await;
        broker.create_topic(&scene.dead(), 2).await;
        let hour_ago = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis() - 3_600_000;
        let hour_ago = i64::try_from(hour_ago).expect("a time");
        scene.produce(1, &["before"]).await;
        let record = Record::to(&scene.topic).partition(1).key([0, 159, 146, 150]).payload("poison");
        broker.produce(record.header("a", "1").null_header("b").header("a", "2").timestamp(hour_ago)).await;
        scene.produce(1, &["after"]).await;
        let plot = Plot::failing_at("poison");
        let running = scene.start(&plot, "retries = 2\non_failure = \"dead_letter\"").await;
        scene.wait_for_position(&scene.topic, 1, 3).await;

        let dead = scene.records(&scene.dead(), 1).await;
        assert_eq!(dead.len(), 1);
        let dead = &dead[0];
        assert_eq!((dead.partition, dead.key.as_deref(), dead.text()), (1, Some(&[0, 159, 146, 150][..]), "poison"));
        let kept = [("a".to_owned(), Some(b"1".to_vec())), ("b".to_owned(), None), ("a".to_owned(), Some(b"2".to_vec()))];
        assert_eq!(dead.headers[..3], kept);
        if broker.can(Capability::Timestamps) {
            // Its own would let the topic's retention remove it at once.
            assert!(dead.timestamp > Some(hour_ago));
            assert_eq!(header(dead, "millstream-origin-timestamp"), hour_ago.to_string());
        }
        for (name, value) in [
            ("millstream-origin-topic", &*scene.topic),
            ("millstream-origin-partition", "1"),
            ("millstream-origin-offset", "1"),
            ("millstream-origin-group", &scene.group),
            ("millstream-origin-listener", LISTENER),
            ("millstream-error", "no such customer"),
            ("millstream-error-kind", "error"),
            ("millstream-attempts", "3"),
        ] {
            assert_eq!(header(dead, name), value, "{name}");
        }
        assert!(dead.headers.iter().all(|(name, _)| !name.starts_with("kafka_dlt-")));
        let event = running.event("a message is dead", |event| matches!(event, Event::DeadLettered { .. })).await;
        let Event::DeadLettered { offset, to, to_partition, to_offset, .. } = event else { unreachable!() };
        assert_eq!((offset, &*to, to_partition, to_offset), (1, &*scene.dead(), 1, 0));
        running.end().await;
        assert_eq!(plot.payloads(), ["before", "poison", "poison", "poison", "after"]);
        assert_eq!(plot.attempts("poison"), [1, 2, 3]);
    }

    /// An error that no retry mends goes there at once.
    async fn a_terminal_error_is_dead_at_once_without_retries_or_retry_topics(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        broker.create_topic(&scene.dead(), 1).await;
        if broker.kind() == BrokerKind::Embedded {
            broker.create_topic(&scene.retry("1s"), 1).await;
        }
        scene.produce(0, &["poison"]).await;
        let plot = Plot::new(|_, _| Err(Error::terminal("never")));
        let options = "retries = 5\nretry_topics = [\"1s\"]\nreorder = true\non_failure = \"dead_letter\"";
        let running = scene.start(&plot, options).await;
        scene.wait_for_position(&scene.topic, 0, 1).await;
        let dead = scene.records(&scene.dead(), 1).await;
        assert_eq!((header(&dead[0], "millstream-error-kind"), header(&dead[0], "millstream-attempts")), ("terminal", "1"));
        running.end().await;
        assert_eq!(plot.payloads(), ["poison"]);
        assert_eq!(broker.read_all(&scene.retry("1s")).await, []);
    }

    /// `spring_headers`, and a dead-letter topic with fewer partitions than the source.
    async fn a_reader_of_springs_dead_letters_finds_its_headers_in_a_smaller_topic_too(broker: &Broker) {
        let scene = Scene::new(broker, 4).await;
        let dead = unique("dead");
        broker.create_topic(&dead, 3).await;
        scene.produce(3, &["poison"]).await;
        let plot = Plot::failing_at("poison");
        let options = format!(
            "retries = 0\non_failure = \"dead_letter\"\ndead_letter = {{ topic = \"{dead}\", spring_headers = true }}"
        );
        let running = scene.start(&plot, &options).await;
        let records = scene.records(&dead, 1).await;
        let value = |name: &str| {
            let found = records[0].headers.iter().find(|(each, _)| each == name).expect(name);
            found.1.clone().expect("a value")
        };
        assert_eq!(records[0].partition, 0, "3 modulo 3");
        assert_eq!(value("kafka_dlt-original-topic"), scene.topic.as_bytes());
        assert_eq!(value("kafka_dlt-original-partition"), 3_i32.to_be_bytes());
        assert_eq!(value("kafka_dlt-original-offset"), 0_i64.to_be_bytes());
        assert_eq!(value("kafka_dlt-original-consumer-group"), scene.group.as_bytes());
        assert_eq!(value("kafka_dlt-exception-message"), b"no such customer");
        running.end().await;
    }

    /// A rewind to an earlier message that is used up: the message that asked for it goes, and the earlier ones come
    /// once more.
    async fn after_the_last_rewind_the_message_is_dead_and_the_earlier_ones_come_again(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        broker.create_topic(&scene.dead(), 1).await;
        scene.produce(0, &["a", "b", "poison", "c"]).await;
        let plot = Plot::new(|call, ctx| {
            if call.payload == "poison" {
                drop(ctx.commit_offsets(call.offset - 1));
            }
            Ok(())
        });
        let running = scene.start(&plot, "retries = 1\non_failure = \"dead_letter\"").await;
        scene.wait_for_position(&scene.topic, 0, 4).await;
        let dead = scene.records(&scene.dead(), 1).await;
        assert_eq!((dead.len(), header(&dead[0], "millstream-error-kind")), (1, "rewind"));
        running.end().await;
        assert_eq!(plot.payloads(), ["a", "b", "poison", "b", "poison", "b", "c"]);
    }

    /// With a pattern each topic has its own dead letters, which the pattern does not mean.
    async fn a_pattern_does_not_read_its_own_dead_letters(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        broker.create_topic(&scene.dead(), 1).await;
        scene.produce(0, &["poison"]).await;
        let plot = Plot::failing_at("poison");
        let dead = scene.dead().replace(&scene.topic, "{topic}").replace(&scene.group, "{group_id}");
        let options = format!(
            "pattern = '{}(\\..*)?'\nretries = 0\non_failure = \"dead_letter\"\ndead_letter = {{ topic = \"{dead}\" }}",
            scene.topic
        );
        let running = scene.start(&plot, &options).await;
        scene.wait_for_position(&scene.topic, 0, 1).await;
        assert_eq!(running.state(&scene.dead(), 0), None);
        running.end().await;
        assert_eq!(plot.payloads(), ["poison"]);
    }
}

both_brokers! {
    /// Where keys are handled side by side a dead letter lets only its own key wait until it is written.
    async fn a_dead_letter_of_one_key_is_written_and_its_key_goes_on(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        for (key, payload) in [("a", "poison"), ("a", "behind"), ("b", "elsewhere"), ("a", "last")] {
            broker.produce(Record::to(&scene.topic).partition(0).key(key).payload(payload)).await;
        }
        let plot = Plot::failing_at("poison");
        let options = "order_by = \"key\"\nretries = 1\non_failure = \"dead_letter\"";
        let running = scene.start(&plot, options).await;
        scene.wait_for_position(&scene.topic, 0, 4).await;
        let dead = scene.records(&scene.dead(), 1).await;
        running.end().await;
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].key.as_deref(), Some(&b"a"[..]));
        assert_eq!(plot.attempts("poison"), [1, 2]);
        let of_a: Vec<_> = plot.payloads().into_iter().filter(|payload| payload != "elsewhere").collect();
        assert_eq!(of_a, ["poison", "poison", "behind", "last"]);
    }

    /// Retry topics of a listener without order: the message leaves its partition and comes back with its attempts.
    async fn a_retry_topic_takes_what_fails_where_nothing_is_in_order(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.produce(0, &["poison", "behind"]).await;
        let plot = Plot::failing_at("poison");
        let options = "order_by = \"none\"\nretries = 0\nretry_topics = [\"1s\"]\non_failure = \"dead_letter\"";
        let running = scene.start(&plot, options).await;
        scene.wait_for_position(&scene.topic, 0, 2).await;
        let dead = scene.records(&scene.dead(), 1).await;
        running.end().await;
        assert_eq!(dead.len(), 1);
        assert_eq!(plot.attempts("poison"), [1, 2]);
    }
}

real_broker! {
    /// Nobody has to create it, and what is in order stays so.
    async fn a_dead_letter_topic_is_created_with_the_partitions_of_its_source(broker: &Broker) {
        let scene = Scene::new(broker, 3).await;
        let plot = Plot::failing_at("poison");
        let running = scene.start(&plot, "retries = 0\non_failure = \"dead_letter\"").await;
        scene.produce(2, &["poison"]).await;
        let dead = scene.records(&scene.dead(), 1).await;
        running.end().await;
        assert_eq!(dead[0].partition, 2);
        assert_eq!(broker.partitions(&scene.dead()).await, 3);
    }

    /// The lane waits, everybody can see it, others go on; when the topic comes, so does the message.
    async fn a_dead_letter_waits_for_its_topic_and_says_so(broker: &Broker) {
        let scene = Scene::new(broker, 2).await;
        scene.produce(0, &["poison", "behind"]).await;
        scene.produce(1, &["elsewhere"]).await;
        let plot = Plot::failing_at("poison");
        let running = scene.start(&plot, &scene.dead_letters_to_a_topic_that_nobody_creates()).await;
        let event = running.event("it cannot write", |event| matches!(event, Event::CannotWrite { .. })).await;
        let Event::CannotWrite { offset, to, reason, .. } = event else { unreachable!() };
        assert_eq!((offset, &*to), (0, &*scene.dead()));
        assert!(reason.contains("no such topic"), "{reason}");
        assert!(matches!(running.state(&scene.topic, 0), Some(PartitionState::Writing { offset: 0, .. })));
        assert!(running.handle.listeners()[0].is_held());
        scene.wait_for_position(&scene.topic, 1, 1).await;
        assert!(!plot.payloads().contains(&"behind".to_owned()));

        broker.create_topic(&scene.dead(), 2).await;
        scene.wait_for_position(&scene.topic, 0, 2).await;
        assert_eq!(scene.records(&scene.dead(), 1).await.len(), 1);
        assert!(!running.handle.listeners()[0].is_held());
        running.end().await;
        assert_eq!(plot.attempts("poison"), [1]);
    }

    /// An end while the dead letter cannot be written settles nothing: it is written after the next start.
    async fn an_end_while_a_dead_letter_waits_loses_nothing(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.produce(0, &["poison", "behind"]).await;
        let plot = Plot::failing_at("poison");
        let options = &*scene.dead_letters_to_a_topic_that_nobody_creates();
        let running = scene.start(&plot, options).await;
        running.event("it cannot write", |event| matches!(event, Event::CannotWrite { .. })).await;
        running.end().await;
        assert_eq!(scene.position(&scene.topic, 0).await, Some(0));

        broker.create_topic(&scene.dead(), 1).await;
        let running = scene.start(&plot, options).await;
        scene.wait_for_position(&scene.topic, 0, 2).await;
        running.end().await;
        assert_eq!(scene.records(&scene.dead(), 1).await.len(), 1);
    }

    /// What no waiting mends pauses the lane with the reason; a skip goes on.
    async fn a_dead_letter_that_its_topic_never_takes_pauses_the_partition(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        broker.create_topic_with(&scene.dead(), 1, &[("max.message.bytes", "2000")]).await;
        let large = "x".repeat(5_000);
        scene.produce(0, &[&large, "behind"]).await;
        let plot = Plot::new(|call, _| if call.payload == "behind" { Ok(()) } else { Err(Error::new("no")) });
        let running = Running::start(scene.app(&plot, "retries = 0\non_failure = \"dead_letter\"", "")).await;
        let event = running.event("it pauses", |event| matches!(event, Event::Paused { .. })).await;
        let Event::Paused { offset, reason, .. } = event else { unreachable!() };
        assert!(offset == 0 && reason.contains("too large") && reason.contains(&scene.dead()), "{reason}");
        running.handle.skip(LISTENER, &scene.topic, 0, 0, "too large").expect("it can be skipped");
        scene.wait_for_position(&scene.topic, 0, 2).await;
        running.end().await;
    }
}
