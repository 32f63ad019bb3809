//! A listener that calls no verb and commits by itself, the default.

use harness::prelude::*;

use crate::probe::{Act, Ending, FAILURES, Probe};
use crate::stage::{Mode, READER_ID, Stage};

both_brokers! {
    /// Nothing called, `Ok` returned: settled, and committed in the background.
    async fn what_was_handled_is_committed_without_a_verb(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let probe = Probe::ok();
        let running = stage.reader(Mode::Auto, &probe, "").await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 2, 3, 4]);

        stage.produce(0, 2).await;
        assert_eq!(stage.restart_delivers(Mode::Auto).await, [5, 6]);
    }

    /// Nothing called, a failure: tried again, with a growing attempt, until it succeeds.
    async fn a_failure_is_tried_again_until_it_succeeds(broker: &Broker) {
        for failure in FAILURES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 4).await;
            let probe = Probe::new(move |call| {
                let fails = call.offset == 2 && call.delivery <= 3;
                Act::only(if fails { failure } else { Ending::Ok })
            });
            let running = stage.reader(Mode::Auto, &probe, "timeout = \"50ms\"").await;
            stage.wait_for_position(0, 4).await;
            running.end().await;
            assert_eq!(probe.offsets(), [0, 1, 2, 2, 2, 2, 3], "{failure:?}");
            assert_eq!(probe.attempts_at(2), [1, 2, 3, 4], "{failure:?}");
            assert_eq!(probe.attempts_at(3), [1], "{failure:?}");
        }
    }

    /// Nothing called, failures until the retries are used up: the partition is held at the message, and a restart begins
    /// with it.
    async fn the_position_never_passes_a_message_that_failed_for_good(broker: &Broker) {
        for failure in FAILURES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 4).await;
            let probe = Probe::new(move |call| Act::only(if call.offset == 2 { failure } else { Ending::Ok }));
            let running = stage.reader(Mode::Auto, &probe, "timeout = \"50ms\"\nretries = 2").await;
            let (offset, reason) = running.paused(READER_ID, 0).await;
            assert_eq!(offset, 2);
            assert!(!reason.is_empty());
            running.end().await;
            assert_eq!(probe.offsets(), [0, 1, 2, 2, 2], "{failure:?}");
            assert_eq!(stage.position(0).await, Some(2), "{failure:?}");
            assert_eq!(stage.restart_delivers(Mode::Auto).await, [2, 3], "{failure:?}");
        }
    }

    /// An error that says so is not tried again.
    async fn a_terminal_error_is_not_tried_again(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 2).await;
        let probe = Probe::always(Act::only(Ending::Terminal));
        let running = stage.reader(Mode::Auto, &probe, "").await;
        let (offset, reason) = running.paused(READER_ID, 0).await;
        assert_eq!((offset, probe.offsets()), (0, vec![0]));
        assert!(reason.contains("as the test wants it, for good"), "{reason}");
        running.end().await;
    }
}
