//! Several listeners of one group on one topic.

use harness::prelude::*;
use millstream::{AppBuilder, Carried};

use crate::probe::{Act, Ending, Probe, Verb};
use crate::running::Running;
use crate::stage::{FIRST, Mode, SECOND, Stage, THIRD};

fn listen(stage: &Stage<'_>, listeners: &[(&'static str, Mode)], probe: &Probe, options: &str) -> AppBuilder {
    listeners.iter().fold(stage.app(), |app, (name, mode)| stage.listener(app, name, *mode, probe, options))
}

async fn start(stage: &Stage<'_>, listeners: &[(&'static str, Mode)], probe: &Probe, options: &str) -> Running {
    stage.start(listen(stage, listeners, probe, options)).await
}

/// What each of two listeners gets after a restart, until both have had the message at `last`.
async fn restart(stage: &Stage<'_>, listeners: [(&'static str, Mode); 2], last: i64) -> [Vec<i64>; 2] {
    let probe = Probe::always(Act::verb(Verb::Commit));
    let running = start(stage, &listeners, &probe, "").await;
    let offsets = |probe: &Probe| listeners.map(|(name, _)| probe.offsets_of(name, 0));
    wait_until("both restarted listeners have had the last message", async || {
        offsets(&probe).iter().all(|offsets| offsets.contains(&last))
    })
    .await;
    running.end().await;
    offsets(&probe)
}

both_brokers! {
    /// Two and three listeners, committing by themselves and by hand: each gets every message once, in order.
    async fn each_listener_of_a_group_sees_every_message(broker: &Broker) {
        let listeners = [(FIRST, Mode::Auto), (SECOND, Mode::Manual), (THIRD, Mode::Auto)];
        for count in [2, 3] {
            let stage = Stage::new(broker, 2).await;
            stage.produce(0, 700).await;
            stage.produce(1, 300).await;
            let probe = Probe::always(Act::verb(Verb::Commit));
            let running = start(&stage, &listeners[..count], &probe, "").await;
            stage.wait_for_position(0, 700).await;
            stage.wait_for_position(1, 300).await;
            running.end().await;
            for (listener, _) in &listeners[..count] {
                assert_eq!(probe.offsets_of(listener, 0), (0..700).collect::<Vec<i64>>(), "{listener} of {count}");
                assert_eq!(probe.offsets_of(listener, 1), (0..300).collect::<Vec<i64>>(), "{listener} of {count}");
            }
        }
    }

    /// A rewind of one listener, near and far, brings nothing again to the other.
    async fn a_rewind_of_one_listener_moves_only_that_one(broker: &Broker) {
        for (from, to) in [(4, 2), (1400, 3)] {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 1500).await;
            let probe = Probe::new(move |call| {
                let back = call.listener == FIRST && call.offset == from && call.delivery == 1;
                if back { Act::verb(Verb::CommitOffsets(to)) } else { Act::verb(Verb::Commit) }
            });
            let running = start(&stage, &[(FIRST, Mode::Manual), (SECOND, Mode::Auto)], &probe, "").await;
            stage.wait_for_position(0, 1500).await;
            running.end().await;
            let expected: Vec<i64> = (0..=from).chain(to..1500).collect();
            assert_eq!(probe.offsets_of(FIRST, 0), expected);
            assert_eq!(probe.offsets_of(SECOND, 0), (0..1500).collect::<Vec<i64>>());
        }
    }

    /// An error of one listener delays only that one.
    async fn a_failure_of_one_listener_comes_again_only_to_that_one(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 10).await;
        let probe = Probe::new(|call| {
            let fails = call.listener == SECOND && call.offset == 3 && call.delivery <= 2;
            Act::only(if fails { Ending::Err } else { Ending::Ok })
        });
        let running = start(&stage, &[(FIRST, Mode::Auto), (SECOND, Mode::Auto)], &probe, "").await;
        stage.wait_for_position(0, 10).await;
        running.end().await;
        assert_eq!(probe.offsets_of(FIRST, 0), (0..10).collect::<Vec<i64>>());
        assert_eq!(probe.offsets_of(SECOND, 0), [0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9]);
    }

    /// The position is that of the listener that is furthest behind; after a restart each goes on where it was.
    async fn the_position_is_the_lowest_and_a_restart_honours_who_was_ahead(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 10).await;
        let probe = Probe::new(|call| {
            let fails = call.listener == FIRST && call.offset == 4;
            Act::only(if fails { Ending::Err } else { Ending::Ok })
        });
        let listeners = [(FIRST, Mode::Auto), (SECOND, Mode::Auto)];
        let running = start(&stage, &listeners, &probe, "retries = 0").await;
        running.paused("First.on_message", 0).await;
        wait_until("the other listener has had everything", async || probe.offsets_of(SECOND, 0).len() == 10).await;
        running.end().await;
        assert_eq!(stage.position(0).await, Some(4));

        stage.produce(0, 2).await;
        let [first, second] = restart(&stage, listeners, 11).await;
        assert_eq!(first, (4..12).collect::<Vec<i64>>(), "goes on with the message that failed");
        assert_eq!(second, [10, 11], "had everything else before");
    }

    /// The same with listeners that commit by hand: what each committed is what a restart honours, a rewind too.
    async fn commits_by_hand_of_two_listeners_are_told_apart_after_a_restart(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 10).await;
        let probe = Probe::new(|call| match (&*call.listener, call.offset) {
            (FIRST, 2) | (SECOND, 7) => Act::verb(Verb::Commit),
            // Back to 5, and never further.
            (SECOND, 9) => Act::verb(Verb::CommitOffsets(5)).ending(Ending::Terminal),
            _ => Act::only(Ending::Ok),
        });
        let listeners = [(FIRST, Mode::Manual), (SECOND, Mode::Manual)];
        let running = start(&stage, &listeners, &probe, "").await;
        running.paused("Second.on_message", 0).await;
        wait_until("the first listener has had everything", async || probe.offsets_of(FIRST, 0).len() == 10).await;
        running.end().await;
        assert_eq!(stage.position(0).await, Some(3));

        let [first, second] = restart(&stage, listeners, 9).await;
        assert_eq!(first, (3..10).collect::<Vec<i64>>());
        assert_eq!(second, (5..10).collect::<Vec<i64>>());
    }

    /// An awaited commit of the listener that is ahead is answered although the position waits for the other one, and says
    /// that it travels beside the position.
    async fn a_commit_ahead_of_another_listener_is_answered_and_says_where_it_is_held(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let probe = Probe::new(|call| match &*call.listener {
            FIRST => Act::only(Ending::Terminal),
            _ => Act::verb(Verb::Commit).awaiting(),
        });
        let running = start(&stage, &[(FIRST, Mode::Auto), (SECOND, Mode::Manual)], &probe, "").await;
        wait_until("all commits were answered", async || probe.answers().len() == 3).await;
        running.end().await;
        for answer in probe.answers() {
            let receipt = answer.result.expect("the broker took it");
            assert_eq!((receipt.position, receipt.carried), (0, Carried::Metadata), "offset {}", answer.offset);
        }
    }

    /// A listener that is held lets the other one get ahead by its window, not further, until it goes on.
    async fn a_held_listener_stops_the_others_at_the_window_until_it_goes_on(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        stage.produce(0, 3000).await;
        let probe = Probe::new(|call| {
            let fails = call.listener == FIRST && call.partition == 0 && call.offset == 0;
            Act::only(if fails { Ending::Terminal } else { Ending::Ok })
        });
        let running = start(&stage, &[(FIRST, Mode::Auto), (SECOND, Mode::Auto)], &probe, "window = 300").await;
        running.paused("First.on_message", 0).await;
        wait_until("the other listener has used the window", async || probe.offsets_of(SECOND, 0).len() >= 300).await;
        // Other partitions go on, for both.
        stage.produce(1, 500).await;
        stage.wait_for_position(1, 500).await;
        let ahead = probe.offsets_of(SECOND, 0).len();
        assert!(ahead < 300 + 256, "{ahead} messages are more than the window and a batch");

        running.handle.skip("First.on_message", &stage.topic, 0, 0, "the test").expect("it can be skipped");
        stage.wait_for_position(0, 3000).await;
        running.end().await;
        assert_eq!(probe.offsets_of(FIRST, 0), (0..3000).collect::<Vec<i64>>());
        assert_eq!(probe.offsets_of(SECOND, 0), (0..3000).collect::<Vec<i64>>());
    }

    /// A pause of one listener holds nobody else.
    async fn a_pause_of_one_listener_holds_only_that_one(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let probe = Probe::ok();
        let running = start(&stage, &[(FIRST, Mode::Auto), (SECOND, Mode::Auto)], &probe, "").await;
        running.handle.pause("First.on_message", .., "the test").expect("it can be paused");
        running.paused("First.on_message", 0).await;
        stage.produce(0, 5).await;
        wait_until("the other listener has had everything", async || probe.offsets_of(SECOND, 0).len() == 5).await;
        assert_eq!(probe.offsets_of(FIRST, 0), [0; 0]);
        running.handle.resume("First.on_message", ..).expect("it can be resumed");
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(probe.offsets_of(FIRST, 0), [0, 1, 2, 3, 4]);
        assert_eq!(probe.offsets_of(SECOND, 0), [0, 1, 2, 3, 4]);
    }
}
