//! Idempotent handling, in memory and in Redis.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::{App, Deferred, Error, Event, RunErrorKind};

use crate::running::Running;
use crate::stage::{Journal, Once, Reader, Stage};

const MEMORY: &str = "[kafka.idempotency.keys]\ntype = \"memory\"";

fn order(id: &str) -> String {
    format!("{{\"id\":\"{id}\"}}")
}

/// What listeners have deferred and nobody has settled.
type Desk = Arc<Mutex<Vec<Deferred>>>;

fn take(desk: &Desk) -> Option<Deferred> {
    desk.lock().unwrap().pop()
}

/// While a message is deferred its id is being handled: the next one with it waits, and is handled only if the first
/// was not settled.
async fn waits_for_whoever_holds_a_deferred_message(broker: &Broker, store: &str) {
    for settled in [true, false] {
        let stage = Stage::new(broker).await;
        stage.produce([order("a"), order("a"), order("b")]).await;
        let (journal, desk) = (Journal::default(), Desk::default());
        let deferring = Reader::new(&journal, {
            let desk = Arc::clone(&desk);
            move |ctx| {
                if ctx.offset() < 2 {
                    desk.lock().unwrap().push(ctx.defer());
                }
                Ok(())
            }
        });
        let options = format!("order_by = \"none\"\nretries = 0\non_failure = \"skip\"\naccept_loss = true\n{store}");
        let running = Running::start_reading(stage.app("Once", &options).consumer(Once(deferring))).await;
        wait_until("one is deferred and the other id handled", async || journal.entries().len() == 2).await;
        assert!(journal.entries().contains(&"listener 2".to_owned()));
        let first = wait_until("it was deferred", async || take(&desk)).await;
        let (held, other) = (first.offset(), 1 - first.offset());
        if settled {
            first.commit().await.expect("the broker takes it");
            running
                .event(
                    "the other was handled before",
                    |event| matches!(event, Event::HandledBefore { offset, .. } if *offset == other),
                )
                .await;
        } else {
            first.fail("as the test wants it");
            let second = wait_until("the other was deferred", async || take(&desk)).await;
            assert_eq!(second.offset(), other);
            second.commit().await.expect("the broker takes it");
        }
        stage.wait_for_position(3).await;
        running.end().await;
        let times =
            |offset: i64| journal.entries().iter().filter(|entry| **entry == format!("listener {offset}")).count();
        assert_eq!((times(held), times(other)), (1, usize::from(!settled)));
    }
}

/// Equal ids are handled once, and the position passes the others.
async fn handles_each_id_once(broker: &Broker, store: &str) {
    for order_by in ["partition", "none"] {
        let stage = Stage::new(broker).await;
        stage.produce([order("a"), order("a"), order("b"), order("a")]).await;
        let journal = Journal::default();
        let options = format!("order_by = \"{order_by}\"\nconcurrency = 1\n{store}");
        let running = Running::start_reading(stage.app("Once", &options).consumer(Once(Reader::ok(&journal)))).await;
        stage.wait_for_position(4).await;
        running.event("a message was handled before", |event| matches!(event, Event::HandledBefore { .. })).await;
        running.end().await;
        assert_eq!(journal.entries(), ["listener 0", "listener 2"], "{order_by}");
    }
}

/// A failure releases the key: the retry handles the message.
async fn handles_a_failed_message_again(broker: &Broker, store: &str) {
    let stage = Stage::new(broker).await;
    stage.produce([order("a"), order("a")]).await;
    let journal = Journal::default();
    let calls = Arc::new(AtomicU32::new(0));
    let failing = Reader::new(&journal, move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Err(Error::new("once")),
        _ => Ok(()),
    });
    let running = Running::start_reading(stage.app("Once", store).consumer(Once(failing))).await;
    stage.wait_for_position(2).await;
    running.end().await;
    assert_eq!(journal.entries(), ["listener 0", "listener 0"]);
}

both_brokers! {
    async fn in_memory_each_id_is_handled_once(broker: &Broker) {
        handles_each_id_once(broker, MEMORY).await;
    }

    async fn in_memory_a_failed_message_is_handled_again(broker: &Broker) {
        handles_a_failed_message_again(broker, MEMORY).await;
    }

    async fn in_memory_a_deferred_message_is_done_once_it_is_committed(broker: &Broker) {
        waits_for_whoever_holds_a_deferred_message(broker, MEMORY).await;
    }

    /// A message without its key goes to `on_failure` at once, and the error names the key and not the payload.
    async fn a_missing_key_fails_for_good(broker: &Broker) {
        let stage = Stage::new(broker).await;
        stage.produce(["{\"secret\":1}"]).await;
        let journal = Journal::default();
        let options = format!("retries = 5\non_failure = \"stop\"\n{MEMORY}");
        let app = stage.app("Once", &options).consumer(Once(Reader::ok(&journal)));
        let running = app.build().expect("it is right").start().await.expect("it starts");
        let error = running.ended().await.expect_err("the application was to fail");
        assert_eq!(error.kind(), RunErrorKind::Listener);
        let text = error.to_string();
        assert!(text.contains("the field `id`") && !text.contains("secret"), "{text}");
        assert!(journal.entries().is_empty());
    }
}

real_broker! {
    async fn in_redis_each_id_is_handled_once(broker: &Broker) {
        let Some(url) = redis_url() else { return };
        handles_each_id_once(broker, &redis(&url)).await;
    }

    async fn in_redis_a_deferred_message_is_done_once_it_is_committed(broker: &Broker) {
        let Some(url) = redis_url() else { return };
        waits_for_whoever_holds_a_deferred_message(broker, &redis(&url)).await;
    }

    async fn in_redis_a_failed_message_is_handled_again(broker: &Broker) {
        let Some(url) = redis_url() else { return };
        handles_a_failed_message_again(broker, &redis(&url)).await;
    }

    /// While Redis cannot be reached nothing is handled, the position stands, and the application can end.
    async fn without_redis_messages_wait(broker: &Broker) {
        let stage = Stage::new(broker).await;
        stage.produce([order("a")]).await;
        let journal = Journal::default();
        let nobody = format!("redis://127.0.0.1:{}", unused_port());
        let app = stage.app("Once", &redis(&nobody)).consumer(Once(Reader::ok(&journal)));
        let running = Running::start_reading(app).await;
        stage.wait_for_position(0).await;
        running.end().await;
        assert!(journal.entries().is_empty());
    }
}

fn redis(url: &str) -> String {
    format!("[kafka.idempotency.keys]\ntype = \"redis\"\nurl = \"{url}\"\nprefix = \"{}\"", unique("keys"))
}

#[test]
fn stores_that_do_not_exist_or_are_misdescribed_are_start_errors_all_at_once() {
    let refused = |text: &str| {
        let text = format!("[kafka]\nbrokers = [\"localhost:9092\"]\ngroup_id = \"g\"\n{text}");
        let app = App::builder().discover(false).read_files(false).read_environment(false).config_text(text);
        format!("{:?}", app.consumer(Once(Reader::ok(&Journal::default()))).build().expect_err("it is wrong"))
    };
    for (text, expected) in [
        ("", "keeps its keys in the store `keys`, which there is not"),
        ("[kafka.idempotency.keyz]\ntype = \"memory\"", "did you mean `keyz`?"),
        ("[kafka.idempotency.keys]\ntype = \"reddis\"", "did you mean \"redis\"?"),
        ("[kafka.idempotency.keys]\nprefix = \"p\"", "a store has a `type`"),
        ("[kafka.idempotency.keys]\ntype = \"memory\"\nurl = \"redis://x\"", "a store in memory has none"),
        ("[kafka.idempotency.keys]\ntype = \"memory\"\ncapacity = 0", "holds at least one key"),
    ] {
        let report = refused(text);
        assert!(report.contains(expected), "`{expected}` is not in: {report}");
    }
    let report = refused("[kafka.idempotency.keys]\ntype = \"redis\"\nurl = \"http://me:hunter2@x\"\ncapacity = 5");
    assert!(report.contains("is not an address of Redis") && report.contains("set in Redis"), "{report}");
    assert!(!report.contains("hunter2"), "{report}");
}
