//! `commit()` and `commit_offsets(offset + 1)`: settled, whatever follows.

use harness::prelude::*;

use crate::probe::{Act, Ending, FAILURES, Probe, Verb};
use crate::stage::{MODES, Mode, Stage};

const ENDINGS: [Ending; 5] = [Ending::Ok, Ending::Err, Ending::Terminal, Ending::Panic, Ending::Timeout];

both_brokers! {
    /// In both modes, however the handler returns afterwards: the message is not tried again, and a restart goes on behind
    /// it.
    async fn a_committed_message_is_done_however_its_handler_returns(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 2 * ENDINGS.len()).await;
            let probe = Probe::new(|call| {
                let number = usize::try_from(call.offset).expect("an offset");
                let verb = if number < ENDINGS.len() { Verb::Commit } else { Verb::CommitOffsets(call.offset + 1) };
                Act::verb(verb).ending(ENDINGS[number % ENDINGS.len()])
            });
            let running = stage.reader(mode, &probe, "timeout = \"50ms\"").await;
            stage.wait_for_position(0, 10).await;
            running.end().await;
            assert_eq!(probe.offsets(), (0..10).collect::<Vec<i64>>(), "{mode:?}");

            stage.produce(0, 1).await;
            assert_eq!(stage.restart_delivers(mode).await, [10], "{mode:?}");
        }
    }

    /// A commit before a failure settles this message and nothing behind it.
    async fn a_commit_settles_no_other_message(broker: &Broker) {
        for mode in MODES {
            for failure in FAILURES {
                let stage = Stage::new(broker, 1).await;
                stage.produce(0, 3).await;
                let probe = Probe::new(move |call| match call.offset {
                    0 => Act::verb(Verb::Commit).ending(failure),
                    _ => Act::only(failure),
                });
                let running = stage.reader(mode, &probe, "timeout = \"50ms\"\nretries = 0").await;
                running.paused(crate::stage::READER_ID, 0).await;
                running.end().await;
                assert_eq!(probe.offsets(), [0, 1], "{mode:?} {failure:?}");
                assert_eq!(stage.restart_delivers(mode).await, [1, 2], "{mode:?} {failure:?}");
            }
        }
    }

    /// The last call wins, one way and the other.
    async fn the_last_verb_wins(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let probe = Probe::new(|call| {
            let here = Verb::CommitOffsets(call.offset);
            match (call.offset, call.delivery) {
                (0, _) => Act::verb(here).and(Verb::Commit),
                (1, 1) => Act::verb(Verb::Commit).and(here),
                _ => Act::verb(Verb::Commit),
            }
        });
        let running = stage.reader(Mode::Manual, &probe, "").await;
        stage.wait_for_position(0, 3).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 1, 2]);
        assert_eq!(probe.attempts_at(1), [1, 2]);
    }
}
