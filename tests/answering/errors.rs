//! What who asked gets of a request that fails, and when.

use harness::prelude::*;
use millstream::{Error, Event, Reply, RunErrorKind};

use crate::running::Running;
use crate::scene::{ON_NUMBERS, ON_THREAD, Plot, Scene, Told, error_of, header};

/// The status, the message and the kind of an error.
fn error(message: &str, kind: &str) -> (String, String, String) {
    ("error".into(), message.into(), kind.into())
}

async fn told_of(running: &Running) -> (i64, &'static str, String) {
    let event =
        running.event("an error was the answer", |event| matches!(event, Event::AnsweredWithError { .. })).await;
    let Event::AnsweredWithError { offset, kind, reason, .. } = event else { unreachable!() };
    (offset, kind, reason)
}

const ORDERS: [&str; 2] = ["", "order_by = \"none\""];

both_brokers! {
    /// In place of pause: the message is settled with the error, and the next goes on.
    async fn an_error_is_answered_once_after_the_retries_and_the_next_goes_on(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "poison").await;
            scene.ask("b", "fine").await;
            let plot = Plot::new(|call, _| {
                if call.payload == "poison" { Err(Error::new("no such customer")) } else { Ok(Reply::new("ok".into())) }
            });
            let running = scene.start(&plot, &format!("retries = 2\n{order}")).await;
            scene.wait_for_position(0, 2).await;
            let records = scene.records(&scene.replies, 2).await;
            let poisoned = records.iter().find(|record| header(record, "kafka_correlationId") == "a").unwrap();
            assert_eq!(error_of(poisoned), error("no such customer", "error"));
            assert_eq!(told_of(&running).await, (0, "error", "no such customer".into()));
            running.end().await;
            let mut told = scene.told(2).await;
            told.sort_by(|one, other| one.id.cmp(&other.id));
            assert_eq!(told, [Told::error("a"), Told::value("b", "ok")]);
            assert_eq!(plot.payloads().iter().filter(|payload| *payload == "poison").count(), 3);
        }
    }

    async fn a_terminal_error_is_answered_at_once(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "one").await;
        let plot = Plot::failing(|| Error::terminal("never"));
        let running = scene.start(&plot, "retries = 5").await;
        scene.wait_for_position(0, 1).await;
        let records = scene.records(&scene.replies, 1).await;
        running.end().await;
        assert_eq!((error_of(&records[0]), plot.calls().len()), (error("never", "terminal"), 1));
    }

    async fn a_payload_that_does_not_decode_is_answered_at_once(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "[1, \"secret\"]").await;
        let plot = Plot::loud();
        let running = scene.start_as(&plot, ON_NUMBERS, "retries = 5").await;
        scene.wait_for_position(0, 1).await;
        let records = scene.records(&scene.replies, 1).await;
        running.end().await;
        let (status, message, kind) = error_of(&records[0]);
        assert_eq!((&*status, &*kind, plot.calls().len()), ("error", "extract", 0));
        assert!(!message.contains("secret"), "{message}");
    }

    /// What a panic says stays inside.
    async fn a_panic_is_answered_without_its_text(broker: &Broker) {
        for (listener, order) in [("Clerk.on_request", ORDERS[0]), ("Clerk.on_request", ORDERS[1]), (ON_THREAD, "")] {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|_, _| panic!("password"));
            let running = scene.start_as(&plot, listener, &format!("retries = 0\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            let records = scene.records(&scene.replies, 1).await;
            running.end().await;
            assert_eq!(error_of(&records[0]), error("internal server error", "panic"));
        }
    }

    async fn a_timeout_is_answered(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::waiting(|_, _| Box::pin(std::future::pending()));
            let running = scene.start(&plot, &format!("retries = 0\ntimeout = \"50ms\"\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            let records = scene.records(&scene.replies, 1).await;
            running.end().await;
            assert_eq!(error_of(&records[0]).2, "timeout");
        }
    }

    /// The dead letter first, then the error, then it is settled.
    async fn a_dead_letter_is_written_and_the_error_answered(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            let dead = unique("dead");
            broker.create_topic(&dead, 1).await;
            scene.ask("a", "poison").await;
            let plot = Plot::failing(|| Error::new("no such customer"));
            let options = format!(
                "retries = 0\non_failure = \"dead_letter\"\ndead_letter = {{ topic = \"{dead}\" }}\n{order}"
            );
            let running = scene.start(&plot, &options).await;
            scene.wait_for_position(0, 1).await;
            let letters = scene.records(&dead, 1).await;
            let records = scene.records(&scene.replies, 1).await;
            let events = running.events();
            let place = |wanted: fn(&Event) -> bool| events.iter().position(wanted).expect("it is told");
            let buried = place(|event| matches!(event, Event::DeadLettered { .. }));
            assert!(buried < place(|event| matches!(event, Event::AnsweredWithError { .. })));
            running.end().await;
            assert_eq!((letters.len(), letters[0].text()), (1, "poison"));
            assert_eq!(error_of(&records[0]), error("no such customer", "error"));
        }
    }

    /// The copy is a request still: the handler of the retry topic answers it.
    async fn a_request_that_waited_in_a_retry_topic_is_answered_from_there(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        if broker.kind() == BrokerKind::Embedded {
            broker.create_topic(&format!("{}.{}.retry.100ms", scene.topic, scene.group), 1).await;
        }
        scene.ask("a", "one").await;
        scene.ask("b", "never").await;
        let plot = Plot::new(|call, _| {
            if call.attempt == 1 || call.payload == "never" { Err(Error::new("not yet")) } else { Ok(Reply::new("late".into())) }
        });
        let options = "retries = 0\nretry_topics = [\"100ms\"]\nreorder = true";
        let running = scene.start(&plot, options).await;
        let told = scene.told(2).await;
        running.end().await;
        assert_eq!(told, [Told::value("a", "late"), Told::error("b")]);
        assert_eq!(plot.calls().len(), 4);
    }

    async fn with_stop_the_error_is_answered_and_the_message_settled_before_the_application_stops(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::failing(|| Error::new("no"));
            let running = scene.start(&plot, &format!("retries = 0\non_failure = \"stop\"\n{order}")).await;
            let error = running.handle.ended().await.unwrap_err();
            assert_eq!(error.kind(), RunErrorKind::Listener);
            assert_eq!(scene.told(1).await, [Told::error("a")]);
            assert_eq!(scene.position(0).await, Some(1));
        }
    }

    /// Committed first, failed then: not tried again, and told.
    async fn a_failure_after_the_commit_is_answered(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|_, ctx| {
                drop(ctx.commit());
                Err(Error::new("too late"))
            });
            let running = scene.start(&plot, &format!("retries = 3\n{order}")).await;
            let records = scene.records(&scene.replies, 1).await;
            scene.wait_for_position(0, 1).await;
            running.end().await;
            assert_eq!((error_of(&records[0]), plot.calls().len()), (error("too late", "error"), 1));
        }
    }

    /// Two megabytes: larger than the producer takes.
    async fn a_reply_that_is_too_large_is_answered_with_an_error_and_the_message_settled(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|_, _| Ok(Reply::new("x".repeat(2 << 20))));
            let running = scene.start(&plot, &format!("retries = 3\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            let records = scene.records(&scene.replies, 1).await;
            running.end().await;
            let (_, message, kind) = error_of(&records[0]);
            assert!(message.contains("too large"), "{message}");
            assert_eq!((&*kind, plot.calls().len()), ("terminal", 1));
        }
    }

    async fn skip_is_an_answer_too(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "one").await;
        let plot = Plot::failing(|| Error::new("no"));
        let running = scene.start(&plot, "retries = 0\non_failure = \"skip\"\naccept_loss = true").await;
        scene.wait_for_position(0, 1).await;
        assert_eq!(scene.told(1).await, [Told::error("a")]);
        assert!(!running.events().iter().any(|event| matches!(event, Event::Skipped { .. })), "nothing is lost");
        running.end().await;
    }
}
