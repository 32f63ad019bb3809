//! `commit_offsets(o)` with the message's own offset or an earlier one.

use harness::prelude::*;

use crate::probe::{Act, Ending, Probe, Verb};
use crate::stage::{MODES, Mode, READER_ID, Stage};

both_brokers! {
    /// To the message itself, however the handler returns: it comes again with a growing attempt, then the others.
    async fn a_message_set_back_to_itself_comes_again(broker: &Broker) {
        for mode in MODES {
            for ending in [Ending::Ok, Ending::Err, Ending::Panic, Ending::Timeout] {
                let stage = Stage::new(broker, 1).await;
                stage.produce(0, 3).await;
                let probe = Probe::new(move |call| match (call.offset, call.delivery) {
                    (1, 1..=2) => Act::verb(Verb::CommitOffsets(1)).ending(ending),
                    _ => Act::verb(Verb::Commit),
                });
                let running = stage.reader(mode, &probe, "timeout = \"50ms\"").await;
                stage.wait_for_position(0, 3).await;
                running.end().await;
                assert_eq!(probe.offsets(), [0, 1, 1, 1, 2], "{mode:?} {ending:?}");
                assert_eq!(probe.attempts_at(1), [1, 2, 3], "{mode:?} {ending:?}");
            }
        }
    }

    /// To an earlier message that is still at hand: everything from there comes again in order.
    async fn an_earlier_message_and_what_follows_come_again(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 6).await;
            let probe = Probe::new(|call| match (call.offset, call.delivery) {
                (4, 1) => Act::verb(Verb::CommitOffsets(2)),
                _ => Act::verb(Verb::Commit),
            });
            let running = stage.reader(mode, &probe, "").await;
            stage.wait_for_position(0, 6).await;
            running.end().await;
            assert_eq!(probe.offsets(), [0, 1, 2, 3, 4, 2, 3, 4, 5], "{mode:?}");
            assert_eq!(probe.attempts_at(4), [1, 2], "{mode:?}");
            assert_eq!(probe.attempts_at(5), [1], "{mode:?}");
        }
    }

    /// To a message that was let go long ago: it is fetched again.
    async fn a_message_of_an_earlier_batch_is_fetched_again(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 1500).await;
            let probe = Probe::new(|call| match (call.offset, call.delivery) {
                (1400, 1) => Act::verb(Verb::CommitOffsets(3)),
                _ => Act::verb(Verb::Commit),
            });
            let running = stage.reader(mode, &probe, "").await;
            stage.wait_for_position(0, 1500).await;
            running.end().await;
            let expected: Vec<i64> = (0..=1400).chain(3..1500).collect();
            assert_eq!(probe.offsets(), expected, "{mode:?}");
        }
    }

    /// The position is exactly the offset, for a restart too: also when the retries are used up.
    async fn a_restart_begins_exactly_where_the_position_was_set_back_to(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 6).await;
            let probe = Probe::new(|call| match call.offset {
                4 => Act::verb(Verb::CommitOffsets(2)),
                _ => Act::verb(Verb::Commit),
            });
            let running = stage.reader(mode, &probe, "retries = 1").await;
            let (offset, _) = running.paused(READER_ID, 0).await;
            assert_eq!(offset, 4, "{mode:?}");
            stage.wait_for_position(0, 2).await;
            running.end().await;
            assert_eq!(probe.offsets(), [0, 1, 2, 3, 4, 2, 3, 4], "{mode:?}");
            assert_eq!(stage.position(0).await, Some(2), "{mode:?}");
            assert_eq!(stage.restart_delivers(mode).await, [2, 3, 4, 5], "{mode:?}");
        }
    }

    /// A handler that awaits the answer knows that the broker holds the earlier position.
    async fn awaiting_a_rewind_gives_the_earlier_position(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 4).await;
        let probe = Probe::new(|call| match (call.offset, call.delivery) {
            (2, 1) => Act::verb(Verb::CommitOffsets(1)).awaiting(),
            _ => Act::verb(Verb::Commit).awaiting(),
        });
        let running = stage.reader(Mode::Manual, &probe, "").await;
        stage.wait_for_position(0, 4).await;
        running.end().await;
        let told: Vec<(i64, i64)> = probe
            .answers()
            .into_iter()
            .map(|answer| (answer.offset, answer.result.expect("the broker took it").position))
            .collect();
        assert_eq!(told, [(0, 1), (1, 2), (2, 1), (1, 2), (2, 3), (3, 4)]);
    }

    /// The seed's own test: a handler that always sets the position back runs once, and once more for its one retry.
    async fn a_handler_that_always_sets_back_runs_twice_with_one_retry(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 2).await;
            let probe = Probe::new(|call| Act::verb(Verb::CommitOffsets(call.offset)));
            let running = stage.reader(mode, &probe, "retries = 1").await;
            assert_eq!(running.paused(READER_ID, 0).await.0, 0, "{mode:?}");
            running.end().await;
            assert_eq!(probe.offsets(), [0, 0], "{mode:?}");
            assert_eq!(probe.attempts_at(0), [1, 2], "{mode:?}");
            assert_eq!(stage.position(0).await, Some(0), "{mode:?}");
        }
    }

    /// Held because its retries are used up, the partition goes on where the handler set it back to, not at the message that
    /// it is held for: what was set back is not done.
    async fn a_resumed_rewind_goes_on_where_the_position_was_set_back_to(broker: &Broker) {
        for (from, to, count) in [(4, 2, 6), (1400, 3, 1500)] {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, count).await;
            let probe = Probe::new(move |call| match (call.offset, call.delivery) {
                (offset, 1) if offset == from => Act::verb(Verb::CommitOffsets(to)),
                _ => Act::only(Ending::Ok),
            });
            let running = stage.reader(Mode::Auto, &probe, "retries = 0").await;
            assert_eq!(running.paused(READER_ID, 0).await.0, from);
            stage.wait_for_position(0, to).await;
            running.handle.resume(READER_ID, ..).expect("it can be resumed");
            let end = i64::try_from(count).expect("a count");
            stage.wait_for_position(0, end).await;
            running.end().await;
            assert_eq!(probe.offsets(), (0..=from).chain(to..end).collect::<Vec<i64>>());
        }
    }

    /// The same when the message is skipped: exactly that one is settled.
    async fn a_skip_after_a_rewind_settles_only_the_message_that_was_held_for(broker: &Broker) {
        for (from, to, count) in [(4, 2, 6), (1400, 3, 1500)] {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, count).await;
            let probe = Probe::new(move |call| {
                if call.offset == from { Act::verb(Verb::CommitOffsets(to)) } else { Act::only(Ending::Ok) }
            });
            let running = stage.reader(Mode::Auto, &probe, "retries = 0").await;
            assert_eq!(running.paused(READER_ID, 0).await.0, from);
            running.handle.skip(READER_ID, &stage.topic, 0, from, "the test").expect("it can be skipped");
            let end = i64::try_from(count).expect("a count");
            stage.wait_for_position(0, end).await;
            running.end().await;
            assert_eq!(probe.offsets(), (0..=from).chain(to..from).chain(from + 1..end).collect::<Vec<i64>>());
        }
    }

    /// The same with `on_failure = "skip"`; what comes again has its own retries.
    async fn a_rewind_whose_last_step_is_a_skip_brings_the_earlier_messages_again(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 6).await;
        let probe = Probe::new(|call| match (call.offset, call.delivery) {
            (4, _) => Act::verb(Verb::CommitOffsets(2)),
            (3, 3) => Act::only(Ending::Err),
            _ => Act::only(Ending::Ok),
        });
        let running = stage.reader(Mode::Auto, &probe, "retries = 1\non_failure = \"skip\"\naccept_loss = true").await;
        stage.wait_for_position(0, 6).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 2, 3, 4, 2, 3, 4, 2, 3, 3, 5]);
        assert_eq!(probe.attempts_at(3), [1, 2, 1, 2]);
    }
}
