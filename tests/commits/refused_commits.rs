//! Commits that the broker refuses, for a while or for good.

use std::sync::Mutex;
use std::time::Duration;

use harness::Code;
use harness::prelude::*;
use millstream::prelude::*;
use millstream::{CommitError, CommitErrorKind, CommitReceipt, Event, Setting};
use tokio::sync::{Barrier, Semaphore};

use crate::probe::{Act, Probe, Verb};
use crate::stage::{Mode, Stage};

const OFFSET_COMMIT: i16 = 8;

const PARTITIONS: i32 = 8;

/// Commits all at once, when a message of each partition is here.
struct AtOnce {
    here: Barrier,
    answers: Mutex<Vec<(i32, Result<CommitReceipt, CommitError>)>>,
    /// Held until the broker is set up to refuse.
    gate: Semaphore,
}

struct Shared(Arc<AtOnce>);

#[consumer]
impl Shared {
    #[kafka_listener("named-by-the-configuration", auto_commit = false)]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        let AtOnce { here, answers, gate } = &*self.0;
        if ctx.offset() == 0 {
            here.wait().await;
            drop(gate.acquire().await?);
        }
        let answer = ctx.commit().await;
        answers.lock().unwrap().push((ctx.partition(), answer));
        Ok(())
    }
}

embedded_broker! {
    /// A request with several positions is refused, though the broker takes most of them: each handler gets the answer for
    /// its own partition, and what was refused is sent again with the next commit.
    async fn each_partition_of_a_refused_request_gets_its_own_answer(broker: &Broker) {
        let stage = Stage::new(broker, PARTITIONS).await;
        for partition in 0..PARTITIONS {
            stage.produce(partition, 1).await;
        }
        let at_once =
            Arc::new(AtOnce { here: Barrier::new(9), answers: Mutex::default(), gate: Semaphore::new(0) });
        let app = stage
            .app()
            .consumer(Shared(Arc::clone(&at_once)))
            .set("kafka.commit_interval", "1h")
            .set("kafka.listeners.\"Shared.on_message\".topics", Setting::from([&*stage.topic]));
        let running = stage.start(app).await;
        at_once.here.wait().await;
        // What is committed while a request is under way travels together in the next one: whichever commits are in the
        // first one, one with several fails, and then at least one and at most two partitions by themselves.
        let refused = Code::TOPIC_AUTHORIZATION_FAILED;
        let cluster = broker.embedded_cluster();
        cluster.round_trip(Duration::from_millis(50)).expect("the broker can be slow");
        cluster.push_request_errors(OFFSET_COMMIT, &[refused, refused, Code::NO_ERROR, refused]);
        at_once.gate.add_permits(8);
        wait_until("all commits were answered", async || at_once.answers.lock().unwrap().len() == 8).await;

        let positions = stage.positions().await;
        let mut failed = Vec::new();
        for (partition, answer) in at_once.answers.lock().unwrap().drain(..) {
            let held = match answer {
                Ok(receipt) => receipt.position,
                Err(error) => {
                    assert_eq!(error.kind(), CommitErrorKind::Broker);
                    failed.push(partition);
                    0
                }
            };
            assert_eq!(positions.get(&partition), Some(&held), "partition {partition}");
        }
        assert!((1..=2).contains(&failed.len()), "refused: {failed:?}");
        cluster.clear_request_errors(OFFSET_COMMIT);
        for partition in failed {
            let told = |event: &Event| matches!(event, Event::CommitFailed { partition: of, .. } if *of == partition);
            running.event("a position was refused", told).await;
            stage.produce(partition, 1).await;
            stage.wait_for_position(partition, 2).await;
        }
        running.end().await;
    }

    /// What passes by itself is tried again, and the handler that waits learns only of the success.
    async fn a_commit_is_repeated_until_a_passing_trouble_is_over(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let probe = Probe::always(Act::verb(Verb::Commit).awaiting());
        let running = stage.reader(Mode::Manual, &probe, "").await;
        stage.produce(0, 1).await;
        wait_until("the first commit was answered", async || probe.answers().len() == 1).await;
        let troubles = [
            Code::REQUEST_TIMED_OUT,
            Code::COORDINATOR_LOAD_IN_PROGRESS,
            Code::NOT_COORDINATOR,
            Code::COORDINATOR_NOT_AVAILABLE,
            Code::REBALANCE_IN_PROGRESS,
        ];
        for (number, trouble) in (1_i64..).zip(troubles) {
            broker.embedded_cluster().push_request_errors(OFFSET_COMMIT, &[trouble, trouble]);
            stage.produce(0, 1).await;
            wait_until("the commit was answered", async || i64::try_from(probe.answers().len()) == Ok(number + 1)).await;
            let answer = probe.answers().pop().expect("the last answer");
            assert_eq!(answer.result.expect("it came to pass").position, number + 1, "{trouble:?}");
        }
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 2, 3, 4, 5], "no message came twice");
    }
}
