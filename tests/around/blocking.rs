//! Listeners that are plain functions: they run on threads that may block.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::layer::{Layer, LayerFuture, Next};
use millstream::{Carried, CommitErrorKind, Context, Error, Event, PartitionState};

use crate::plain::{ByHand, Calls, Gate, Plain};
use crate::running::Running;
use crate::stage::{Journal, Reader, Stage};

/// More than the threads of a test's runtime, and more than may run at once where nobody says.
const PARTITIONS: i32 = 20;
const BY_DEFAULT: usize = 16;

/// Waits at a gate.
fn waiting_at(gate: &Gate) -> impl Fn(&Context) -> millstream::Result<()> + Send + Sync + 'static {
    let gate = gate.clone();
    move |_| {
        gate.pass();
        Ok(())
    }
}

/// Sees to it that messages pass through.
struct Around(Journal);

impl Layer for Around {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            self.0.note(format!("before {}", context.offset()));
            let outcome = next.run().await;
            self.0.note(format!("after {}: {}", context.offset(), outcome.is_ok()));
            outcome
        })
    }
}

both_brokers! {
    /// With and without layers: the threads of the runtime are free, whatever stands in the listener's way.
    async fn handlers_that_block_leave_the_runtime_to_others(broker: &Broker) {
        for options in ["", "order_by = \"none\"", "layers = [\"around\"]", "order_by = \"key\"\nlayers = [\"around\"]"] {
            let stage = Stage::with_partitions(broker, PARTITIONS).await;
            let other = Stage::new(broker).await;
            for partition in 0..PARTITIONS {
                stage.produce_to(partition, ["a"]).await;
            }
            let (calls, gate, journal) = (Calls::default(), Gate::default(), Journal::default());
            let _opening = gate.until_the_end();
            let options =
                format!("{options}\n[kafka.listeners.\"Reader.on_message\"]\ntopics = [{:?}]", other.topic);
            let app = stage.app("Plain", &options)
                .layer_named("around", Around(Journal::default()))
                .consumer(Plain::new(&calls, waiting_at(&gate)))
                .consumer(Reader::ok(&journal));
            let running = Running::start_reading(app).await;
            wait_until("as many as may block do", async || calls.running() == BY_DEFAULT).await;
            other.produce(["a", "b", "c"]).await;
            wait_until("the async listener goes on", async || journal.entries().len() == 3).await;
            assert_eq!((calls.running(), calls.begun().len()), (BY_DEFAULT, BY_DEFAULT), "{options}");

            gate.open();
            for partition in 0..PARTITIONS {
                stage.wait_for_position_of(partition, 1).await;
            }
            running.end().await;
            assert_eq!(calls.most(), BY_DEFAULT, "{options}");
        }
    }

    async fn at_most_concurrency_handlers_block_at_once_and_each_partition_keeps_its_order(broker: &Broker) {
        let stage = Stage::with_partitions(broker, 4).await;
        for partition in 0..4 {
            stage.produce_to(partition, (0..50).map(|number| number.to_string())).await;
        }
        let (calls, gate) = (Calls::default(), Gate::default());
        let _opening = gate.until_the_end();
        let app = stage.app("Plain", "concurrency = 2").consumer(Plain::new(&calls, waiting_at(&gate)));
        let running = Running::start_reading(app).await;
        wait_until("two are at work", async || calls.running() == 2).await;
        gate.open();
        for partition in 0..4 {
            stage.wait_for_position_of(partition, 50).await;
        }
        running.end().await;
        assert_eq!(calls.most(), 2);
        for partition in 0..4 {
            assert_eq!(calls.offsets(partition), (0..50).collect::<Vec<_>>());
        }
    }

    async fn a_panic_or_an_error_fails_its_message_alone(broker: &Broker) {
        for order_by in ["partition", "key", "none"] {
            let stage = Stage::with_partitions(broker, 2).await;
            stage.produce_to(0, ["0", "1", "2", "3"]).await;
            stage.produce_to(1, ["0", "1", "2", "3"]).await;
            let calls = Calls::default();
            let plain = Plain::new(&calls, |ctx| {
                assert!((ctx.partition(), ctx.offset(), ctx.attempt()) != (0, 1, 1), "as the test wants it");
                let fails = (ctx.partition(), ctx.offset(), ctx.attempt()) == (0, 2, 1);
                if fails { Err(Error::new("as the test wants it")) } else { Ok(()) }
            });
            let options = format!("order_by = \"{order_by}\"\nretries = 1");
            let running = Running::start_reading(stage.app("Plain", &options).consumer(plain)).await;
            stage.wait_for_position_of(0, 4).await;
            stage.wait_for_position_of(1, 4).await;
            running.end().await;
            let (mut failing, mut other) = (calls.attempts(0), calls.attempts(1));
            if order_by == "none" {
                failing.sort_unstable();
                other.sort_unstable();
            }
            assert_eq!(failing, [(0, 1), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1)], "{order_by}");
            assert_eq!(other, [(0, 1), (1, 1), (2, 1), (3, 1)], "{order_by}");
        }
    }

    /// After the last retry the policy's step follows, as for an async listener.
    async fn a_panic_that_stays_holds_the_partition_and_says_why(broker: &Broker) {
        let stage = Stage::new(broker).await;
        stage.produce(["0", "1"]).await;
        let calls = Calls::default();
        let plain = Plain::new(&calls, |_| panic!("as the test wants it"));
        let running = Running::start_reading(stage.app("Plain", "retries = 1").consumer(plain)).await;
        let event = running.event("it is paused", |event| matches!(event, Event::Paused { .. })).await;
        let Event::Paused { reason, .. } = event else { unreachable!() };
        assert!(reason.contains("as the test wants it"), "{reason}");
        assert!(running.handle.listeners().iter().any(|listener| {
            listener.partitions.iter().any(|partition| matches!(partition.state, PartitionState::Paused { .. }))
        }));
        running.end().await;
        assert_eq!(calls.attempts(0), [(0, 1), (0, 2)]);
        stage.wait_for_position(0).await;
    }

    async fn a_commit_is_waited_for_until_the_broker_has_it(broker: &Broker) {
        for order_by in ["partition", "none"] {
            let stage = Stage::new(broker).await;
            stage.produce(["0", "1", "2"]).await;
            let (calls, answers) = (Calls::default(), Arc::new(Mutex::new(Vec::new())));
            let noted = Arc::clone(&answers);
            let plain = Plain::new(&calls, move |ctx| {
                let too_far = ctx.commit_offsets(ctx.offset() + 5).wait();
                assert_eq!(too_far.unwrap_err().kind(), CommitErrorKind::NotHandled);
                let receipt = ctx.commit().wait()?;
                noted.lock().unwrap().push((ctx.offset(), receipt.position, receipt.carried));
                Ok(())
            });
            let options = format!("order_by = \"{order_by}\"\nconcurrency = 1");
            let running = Running::start_reading(stage.app("ByHand", &options).consumer(ByHand(plain))).await;
            stage.wait_for_position(3).await;
            running.end().await;
            let position = |offset| (offset, offset + 1, Carried::Position);
            assert_eq!(*answers.lock().unwrap(), [position(0), position(1), position(2)], "{order_by}");
        }
    }

    /// Back to an earlier message in a partition's order, to the message in hand elsewhere.
    async fn a_rewind_brings_the_messages_again(broker: &Broker) {
        for (order_by, back_to, begun) in [
            ("partition", 0, vec![0, 1, 2, 0, 1, 2, 3]),
            ("partition", 2, vec![0, 1, 2, 2, 3]),
            ("key", 2, vec![0, 1, 2, 2, 3]),
        ] {
            let stage = Stage::new(broker).await;
            stage.produce(["0", "1", "2", "3"]).await;
            let calls = Calls::default();
            let plain = Plain::new(&calls, move |ctx| {
                if ctx.offset() == 2 && ctx.attempt() == 1 {
                    let receipt = ctx.commit_offsets(back_to).wait()?;
                    assert_eq!(receipt.position, back_to);
                } else {
                    ctx.commit().wait()?;
                }
                Ok(())
            });
            let options = format!("order_by = \"{order_by}\"\nretries = 3");
            let running = Running::start_reading(stage.app("ByHand", &options).consumer(ByHand(plain))).await;
            stage.wait_for_position(4).await;
            running.end().await;
            assert_eq!(calls.offsets(0), begun, "{order_by} back to {back_to}");
        }
    }

    async fn a_key_that_blocks_leaves_others_and_keeps_its_own_order(broker: &Broker) {
        let stage = Stage::new(broker).await;
        let keys = ["held", "free", "held", "free", "held", "free"];
        let record = |(number, key): (usize, &str)| {
            Record::to(&stage.topic).partition(0).key(key).payload(number.to_string())
        };
        broker.produce_many(keys.into_iter().enumerate().map(record)).await;
        let (calls, gate) = (Calls::default(), Gate::default());
        let _opening = gate.until_the_end();
        let waits = gate.clone();
        let plain = Plain::new(&calls, move |ctx| {
            if ctx.key() == Some(b"held") {
                waits.pass();
            }
            Ok(())
        });
        let app = stage.app("Plain", "order_by = \"key\"\nconcurrency = 4").consumer(plain);
        let running = Running::start_reading(app).await;
        wait_until("the other key was handled", async || {
            calls.by_key().get("free").is_some_and(|offsets| offsets.len() == 3) && calls.running() == 1
        })
        .await;
        assert_eq!(calls.by_key()["held"], [0]);
        gate.open();
        stage.wait_for_position(6).await;
        running.end().await;
        assert_eq!(calls.by_key()["held"], [0, 2, 4]);
        assert_eq!(calls.by_key()["free"], [1, 3, 5]);
    }

    /// By the runtime's handle, on the threads of a whole run and on those of single messages alike.
    async fn a_plain_function_may_wait_for_what_is_async(broker: &Broker) {
        for options in ["", "order_by = \"none\"", "layers = [\"around\"]"] {
            let stage = Stage::new(broker).await;
            stage.produce(["0", "1"]).await;
            let calls = Calls::default();
            let plain = Plain::new(&calls, |_| {
                let waited = tokio::runtime::Handle::current().block_on(async {
                    tokio::task::yield_now().await;
                    tokio::spawn(async { 7 }).await
                });
                assert_eq!(waited?, 7);
                Ok(())
            });
            let app = stage.app("Plain", options).layer_named("around", Around(Journal::default())).consumer(plain);
            let running = Running::start_reading(app).await;
            stage.wait_for_position(2).await;
            running.end().await;
            let mut offsets = calls.offsets(0);
            offsets.sort_unstable();
            assert_eq!(offsets, [0, 1], "{options}");
        }
    }

    /// The trace that a layer continues is that of the plain function too.
    async fn the_trace_of_a_message_is_known_on_the_thread(broker: &Broker) {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let stage = Stage::new(broker).await;
        broker.produce_many([Record::to(&stage.topic).partition(0).payload("0").header("traceparent", parent)]).await;
        let (calls, seen) = (Calls::default(), Arc::new(Mutex::new(None)));
        let noted = Arc::clone(&seen);
        let plain = Plain::new(&calls, move |_| {
            *noted.lock().unwrap() = millstream::trace::current().map(|trace| trace.parent().to_string());
            Ok(())
        });
        let running = Running::start_reading(stage.app("Plain", "layers = [\"continue-trace\"]").consumer(plain)).await;
        stage.wait_for_position(1).await;
        running.end().await;
        assert_eq!(seen.lock().unwrap().as_deref(), Some(parent));
    }

    /// What is around it sees each message, and retries go through it again.
    async fn layers_go_around_a_plain_function(broker: &Broker) {
        let stage = Stage::new(broker).await;
        stage.produce(["0", "1"]).await;
        let (calls, journal) = (Calls::default(), Journal::default());
        let plain = Plain::new(&calls, |ctx| {
            assert!((ctx.offset(), ctx.attempt()) != (1, 1), "as the test wants it");
            ctx.commit().wait()?;
            Ok(())
        });
        let app = stage.app("ByHand", "").consumer(ByHand(plain)).layer(Around(journal.clone()));
        let running = Running::start_reading(app).await;
        stage.wait_for_position(2).await;
        running.end().await;
        assert_eq!(
            journal.entries(),
            ["before 0", "after 0: true", "before 1", "after 1: false", "before 1", "after 1: true"]
        );
    }

    /// The message in hand is finished and settled, and none is begun after it.
    async fn a_shutdown_waits_for_the_message_in_hand_and_begins_no_other(broker: &Broker) {
        for options in ["", "order_by = \"key\"", "layers = [\"around\"]"] {
            let stage = Stage::new(broker).await;
            stage.produce((0..10).map(|number| number.to_string())).await;
            let (calls, gate) = (Calls::default(), Gate::default());
            let _opening = gate.until_the_end();
            let app = stage.app("Plain", options)
                .layer_named("around", Around(Journal::default()))
                .consumer(Plain::new(&calls, waiting_at(&gate)));
            let running = Running::start_reading(app).await;
            wait_until("the first is in hand", async || calls.running() == 1).await;
            running.handle.request_shutdown();
            running.event("it drains", |event| matches!(event, Event::Draining { .. })).await;
            gate.open();
            running.end().await;
            assert_eq!(calls.offsets(0), [0], "{options}");
            stage.wait_for_position(1).await;
        }
    }
}
