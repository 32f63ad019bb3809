//! Seeks and pauses while many handlers are at work.

use std::sync::atomic::{AtomicBool, Ordering};

use harness::prelude::*;
use millstream::PartitionState;
use millstream::prelude::*;
use tokio::sync::Semaphore;

use crate::hands::{AUTO, auto};
use crate::stage::Stage;
use crate::witness::Witness;

both_brokers! {
    /// What was in hand ends first, and its outcome no longer counts.
    async fn a_seek_back_delivers_again_after_all_in_hand_has_ended(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..40).map(|number| format!("key {}", number % 20))).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let closed = Arc::new(AtomicBool::new(true));
        let (at_gate, is_closed) = (Arc::clone(&gate), Arc::clone(&closed));
        let running = auto("order_by = \"key\"\nconcurrency = 15").seen_by(&witness).behaves(move |ctx| {
            let gate = Arc::clone(&at_gate);
            let waits = is_closed.load(Ordering::SeqCst) && ctx.offset() >= 5;
            Box::pin(async move {
                if waits {
                    gate.acquire().await?.forget();
                }
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("as many handlers run as may", async || witness.running() == 15).await;
        running.handle.seek(AUTO, &stage.topic, 0, 2).expect("it can be moved");
        stage.wait_for_position(0, 2).await;
        closed.store(false, Ordering::SeqCst);
        gate.add_permits(14);
        wait_until("one handler is left", async || witness.running() == 1).await;
        assert_eq!(witness.begun().len(), 20, "nothing begins before the last has ended");
        gate.add_permits(1);
        stage.wait_for_position(0, 40).await;
        running.end().await;
        for offset in 0..40 {
            let expected = if (2..20).contains(&offset) { 2 } else { 1 };
            assert_eq!(witness.times(offset), expected, "offset {offset}");
        }
        assert!(witness.begun().iter().all(|seen| seen.attempt == 1));
    }

    async fn a_seek_forward_passes_over_messages_and_settles_them(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..40).map(|number| format!("key {number}"))).await;
        let witness = Witness::default();
        let options = "order_by = \"key\"\nconcurrency = 4\nretries = 0\nwindow = 8";
        let running = auto(options).seen_by(&witness).behaves(|ctx| {
            let fails = ctx.offset() < 8;
            Box::pin(async move { if fails { Err(Error::new("as the test wants it")) } else { Ok(()) } })
        });
        let running = running.start(&stage).await;
        wait_until("the window is full of failures", async || witness.begun().len() == 8).await;
        running.paused(AUTO, 0).await;
        running.handle.seek(AUTO, &stage.topic, 0, 30).expect("it can be moved");
        stage.wait_for_position(0, 40).await;
        wait_until("it runs", async || running.state(AUTO, 0) == Some(PartitionState::Running)).await;
        running.end().await;
        assert_eq!(witness.done().len(), 10);
    }

    /// What is in hand ends and counts; nothing else begins; the status shows who asked for it.
    async fn a_pause_lets_what_is_in_hand_end_and_begins_nothing(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..40).map(|number| format!("key {number}"))).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let sick = Arc::new(AtomicBool::new(true));
        let (at_gate, is_sick) = (Arc::clone(&gate), Arc::clone(&sick));
        let running = auto("order_by = \"key\"\nconcurrency = 10").seen_by(&witness).behaves(move |ctx| {
            let gate = Arc::clone(&at_gate);
            let (offset, sick) = (ctx.offset(), is_sick.load(Ordering::SeqCst));
            Box::pin(async move {
                gate.acquire().await?.forget();
                match offset {
                    3 if sick => Err(Error::new("as the test wants it")),
                    5 if sick => Err(Error::terminal("as the test wants it, for good")),
                    _ => Ok(()),
                }
            })
        });
        let running = running.start(&stage).await;
        wait_until("as many handlers run as may", async || witness.running() == 10).await;
        running.handle.pause(AUTO, (&*stage.topic, 0), "the test").expect("it can be paused");
        running.paused(AUTO, 0).await;
        gate.add_permits(10);
        wait_until("all in hand have ended", async || witness.running() == 0).await;
        // Message 3 waits for its retry, and message 5 has none left.
        stage.wait_for_position(0, 3).await;
        assert_eq!(witness.begun().len(), 10);
        assert!(
            matches!(running.state(AUTO, 0), Some(PartitionState::Paused { reason, .. }) if reason == "the test"),
            "a failure does not hide the pause"
        );
        sick.store(false, Ordering::SeqCst);
        gate.add_permits(100);
        running.handle.resume(AUTO, ..).expect("it can be resumed");
        stage.wait_for_position(0, 40).await;
        running.end().await;
        assert_eq!((witness.begun().len(), witness.attempts(3), witness.attempts(5)), (42, vec![1, 2], vec![1, 1]));
    }
}
