//! A listener that commits by hand, for messages where it does not.

use harness::prelude::*;

use crate::probe::{Act, Ending, FAILURES, Probe, Verb};
use crate::stage::{Mode, READER_ID, Stage};

both_brokers! {
    /// Nothing called, `Ok` returned: read on, nothing committed, and a restart brings all of it again.
    async fn what_is_not_committed_comes_again_after_a_restart(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let probe = Probe::ok();
        let running = stage.reader(Mode::Manual, &probe, "").await;
        wait_until("all five messages were read", async || probe.count() == 5).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 2, 3, 4]);
        assert_eq!(stage.position(0).await, Some(0), "the start, and nothing beyond it");
        assert_eq!(stage.restart_delivers(Mode::Manual).await, [0, 1, 2, 3, 4]);
    }

    /// A commit covers the messages before it that were not committed.
    async fn a_later_commit_covers_what_was_not_committed(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 6).await;
        let probe = Probe::new(|call| {
            if call.offset == 3 { Act::verb(Verb::Commit) } else { Act::only(Ending::Ok) }
        });
        let running = stage.reader(Mode::Manual, &probe, "").await;
        wait_until("all six messages were read", async || probe.count() == 6).await;
        stage.wait_for_position(0, 4).await;
        running.end().await;
        assert_eq!(stage.restart_delivers(Mode::Manual).await, [4, 5]);
    }

    /// Nothing called, a failure: tried again as with a listener that commits by itself, and nothing is committed by it.
    async fn a_failure_is_tried_again_and_commits_nothing(broker: &Broker) {
        for failure in FAILURES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 4).await;
            let probe = Probe::new(move |call| {
                let fails = call.offset == 2 && call.delivery <= 2;
                Act::only(if fails { failure } else { Ending::Ok })
            });
            let running = stage.reader(Mode::Manual, &probe, "timeout = \"50ms\"").await;
            wait_until("the last message was read", async || probe.offsets().contains(&3)).await;
            running.end().await;
            assert_eq!(probe.offsets(), [0, 1, 2, 2, 2, 3], "{failure:?}");
            assert_eq!(probe.attempts_at(2), [1, 2, 3], "{failure:?}");
            assert_eq!(stage.position(0).await, Some(0), "{failure:?}");
        }
    }

    /// Nothing called, failures until the retries are used up: the partition is held.
    async fn a_message_that_failed_for_good_holds_its_partition(broker: &Broker) {
        for failure in FAILURES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 4).await;
            let probe = Probe::new(move |call| match call.offset {
                1 => Act::verb(Verb::Commit),
                2 => Act::only(failure),
                _ => Act::only(Ending::Ok),
            });
            let running = stage.reader(Mode::Manual, &probe, "timeout = \"50ms\"\nretries = 1").await;
            assert_eq!(running.paused(READER_ID, 0).await.0, 2);
            running.end().await;
            assert_eq!(probe.offsets(), [0, 1, 2, 2], "{failure:?}");
            assert_eq!(stage.restart_delivers(Mode::Manual).await, [2, 3], "{failure:?}");
        }
    }

    /// What the policy settles is committed, although the listener commits by hand.
    async fn what_the_policy_settles_is_committed(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 4).await;
        let probe = Probe::new(|call| Act::only(if call.offset == 1 { Ending::Err } else { Ending::Ok }));
        let options = "retries = 1\non_failure = \"skip\"\naccept_loss = true";
        let running = stage.reader(Mode::Manual, &probe, options).await;
        wait_until("the last message was read", async || probe.offsets().contains(&3)).await;
        stage.wait_for_position(0, 2).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 1, 2, 3]);
        assert_eq!(stage.restart_delivers(Mode::Manual).await, [2, 3]);
    }
}
