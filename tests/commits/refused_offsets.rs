//! `commit_offsets` with an offset that it refuses.

use harness::prelude::*;
use millstream::CommitErrorKind;

use crate::probe::{Act, Probe, Verb};
use crate::stage::{MODES, Mode, Stage};

both_brokers! {
    /// An offset beyond the next one is refused with the first message not handled, and nothing moves.
    async fn an_offset_beyond_the_next_one_is_refused_and_moves_nothing(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 5).await;
            let probe = Probe::new(|call| match call.offset {
                1 => Act::verb(Verb::Commit),
                2 => Act::verb(Verb::CommitOffsets(4)).awaiting(),
                _ => Act::only(crate::probe::Ending::Ok),
            });
            let running = stage.reader(mode, &probe, "").await;
            wait_until("the last message was read", async || probe.offsets().contains(&4)).await;
            running.end().await;
            assert_eq!(probe.offsets(), [0, 1, 2, 3, 4], "{mode:?}");
            let answers = probe.answers();
            assert_eq!(answers.len(), 1);
            assert_eq!(answers[0].error_kind(), Some(CommitErrorKind::NotHandled));
            let text = answers[0].result.as_ref().expect_err("it was refused").to_string();
            assert!(text.contains("message 3 is the first that has not been handled"), "{text}");
            // What the call did not do: as if it had not been made.
            let expected = if mode == Mode::Auto { 5 } else { 2 };
            assert_eq!(stage.position(0).await, Some(expected), "{mode:?}");
        }
    }

    /// A negative offset is refused.
    async fn a_negative_offset_is_refused(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 2).await;
        let probe = Probe::new(|call| match call.offset {
            0 => Act::verb(Verb::CommitOffsets(-1)).awaiting(),
            _ => Act::verb(Verb::Commit),
        });
        let running = stage.reader(Mode::Manual, &probe, "").await;
        stage.wait_for_position(0, 2).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1]);
        assert_eq!(probe.answers()[0].error_kind(), Some(CommitErrorKind::InvalidOffset));
    }
}
