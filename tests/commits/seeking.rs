//! Moving where a listener reads: no failure, and messages may be passed over.

use harness::prelude::*;
use millstream::HandleErrorKind;

use crate::probe::{Act, Ending, Probe, Verb};
use crate::stage::{MODES, Mode, READER_ID, Stage};

both_brokers! {
    /// By the context, within what is at hand and far beyond it, forward and back.
    async fn a_handler_moves_its_listener_forward_and_back(broker: &Broker) {
        for (from, to) in [(2, 7), (2, 1900), (5, 1), (1900, 4), (3, 3)] {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 2000).await;
            let probe = Probe::new(move |call| {
                let moves = call.offset == from && call.delivery == 1;
                if moves { Act::verb(Verb::Seek(to)) } else { Act::only(Ending::Ok) }
            });
            let running = stage.reader(Mode::Auto, &probe, "").await;
            stage.wait_for_position(0, 2000).await;
            running.end().await;
            let expected: Vec<i64> = (0..=from).chain(to..2000).collect();
            assert_eq!(probe.offsets(), expected, "from {from} to {to}");
            assert!(probe.calls().iter().all(|call| call.attempt == 1), "a seek is no failure");
        }
    }

    /// The position is where the listener was moved to, in both modes and for a restart too.
    async fn the_position_follows_a_seek(broker: &Broker) {
        for mode in MODES {
            for to in [1, 7] {
                let stage = Stage::new(broker, 1).await;
                stage.produce(0, 10).await;
                // Where it was moved to, it fails for good: nothing but the seek moves the position.
                let probe = Probe::new(move |call| match (call.offset, call.delivery) {
                    (4, 1) => Act::verb(Verb::Seek(to)),
                    (offset, _) if offset == to && (to > 4 || call.delivery == 2) => Act::only(Ending::Terminal),
                    _ => Act::only(Ending::Ok),
                });
                let running = stage.reader(mode, &probe, "").await;
                assert_eq!(running.paused(READER_ID, 0).await.0, to, "{mode:?}");
                stage.wait_for_position(0, to).await;
                running.end().await;
                assert_eq!(stage.restart_delivers(mode).await, (to..10).collect::<Vec<i64>>(), "{mode:?} to {to}");
            }
        }
    }

    /// By the handle, back and forward; a partition that is held by a failure goes on there.
    async fn the_handle_moves_a_listener_back_and_forward(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 600).await;
        let probe = Probe::new(|call| {
            let fails = call.offset == 600;
            Act::only(if fails { Ending::Terminal } else { Ending::Ok })
        });
        let running = stage.reader(Mode::Auto, &probe, "").await;
        stage.wait_for_position(0, 600).await;
        running.handle.seek(READER_ID, &stage.topic, 0, 50).expect("it can be moved");
        wait_until("everything from 50 on came again", async || probe.count() == 600 + 550).await;
        stage.wait_for_position(0, 600).await;

        stage.produce(0, 10).await;
        running.paused(READER_ID, 0).await;
        running.handle.seek(READER_ID, &stage.topic, 0, 605).expect("it can be moved");
        stage.wait_for_position(0, 610).await;

        let negative = running.handle.seek(READER_ID, &stage.topic, 0, -1).expect_err("offsets start at 0");
        assert_eq!(negative.kind(), HandleErrorKind::Refused);
        running.end().await;
        let expected: Vec<i64> = (0..600).chain(50..600).chain([600]).chain(605..610).collect();
        assert_eq!(probe.offsets(), expected);
    }
}
