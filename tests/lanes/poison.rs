//! A key whose message cannot be handled: who waits for it, and what ends that.

use harness::prelude::*;
use millstream::PartitionState;
use millstream::prelude::*;

use crate::hands::{AUTO, Listener, auto};
use crate::running::Running;
use crate::stage::Stage;
use crate::witness::Witness;

/// Fails at its first messages until it is healed.
fn sick(witness: &Witness, options: &str, healed: &Arc<std::sync::atomic::AtomicBool>) -> Listener {
    let healed = Arc::clone(healed);
    auto(options).seen_by(witness).behaves(move |ctx| {
        let fails =
            ctx.key() == Some(b"poison") && ctx.offset() == 0 && !healed.load(std::sync::atomic::Ordering::SeqCst);
        Box::pin(async move { if fails { Err(Error::new("bad customer")) } else { Ok(()) } })
    })
}

fn open(running: &Running) -> usize {
    running.handle.listeners()[0].partitions[0].open_messages
}

const OPTIONS: &str = "order_by = \"key\"\nretries = 2\nwindow = 64\nconcurrency = 8";

both_brokers! {
    /// Its own key waits, the others go on until the window is full; reading stops there.
    async fn a_poison_key_holds_itself_and_then_the_window(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, ["poison", "poison"]).await;
        let (witness, healed) = (Witness::default(), Arc::default());
        let running = sick(&witness, OPTIONS, &healed).start(&stage).await;
        let (offset, reason) = running.paused(AUTO, 0).await;
        assert_eq!((offset, reason.contains("bad customer")), (0, true), "{reason}");
        assert_eq!((witness.attempts(0), witness.times(1)), (vec![1, 2, 3], 0));

        stage.produce_keys(0, (0..500).map(|number| format!("key {number}"))).await;
        wait_until("the window is full", async || open(&running) == 64).await;
        wait_until("what fits the window was handled", async || witness.done().len() == 62).await;
        assert!(matches!(running.state(AUTO, 0), Some(PartitionState::Paused { offset: 0, .. })));
        assert_eq!(running.handle.listeners()[0].partitions[0].position, 0);

        healed.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!((open(&running), witness.done().len()), (64, 62), "nothing was read on meanwhile");
        running.handle.resume(AUTO, ..).expect("it can be resumed");
        stage.wait_for_position(0, 502).await;
        wait_until("nothing is open", async || open(&running) == 0).await;
        running.end().await;
        witness.assert_order_by_key();
        assert_eq!(witness.attempts(0), [1, 2, 3, 1], "resumed, it has all its attempts again");
        assert_eq!(witness.done().len(), 502);
    }

    async fn a_skipped_poison_message_lets_the_next_of_its_key_follow(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, ["poison", "other", "poison", "poison"]).await;
        let (witness, healed) = (Witness::default(), Arc::default());
        let running = sick(&witness, OPTIONS, &healed).start(&stage).await;
        running.paused(AUTO, 0).await;
        wait_until("the other key was handled", async || witness.times(1) == 1).await;
        running.handle.skip(AUTO, &stage.topic, 0, 2, "named before its turn").expect("it can be skipped");
        running.handle.skip(AUTO, &stage.topic, 0, 0, "the customer is gone").expect("it can be skipped");
        stage.wait_for_position(0, 4).await;
        wait_until("it runs", async || running.state(AUTO, 0) == Some(PartitionState::Running)).await;
        running.end().await;
        assert_eq!((witness.times(0), witness.times(2), witness.times(3)), (3, 0, 1));
    }

    /// With a window of one message the lane takes one after the other, whoever waits.
    async fn a_window_of_one_message_is_kept(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..50).map(|number| format!("key {number}"))).await;
        let witness = Witness::default();
        let running = auto("order_by = \"none\"\nwindow = 1").seen_by(&witness).behaves(|_| {
            Box::pin(async {
                tokio::task::yield_now().await;
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        stage.wait_for_position(0, 50).await;
        running.end().await;
        assert_eq!((witness.most(), witness.begun().len()), (1, 50));
    }

    /// Retries that wait hold no place of `concurrency`.
    async fn keys_that_wait_for_their_retries_leave_their_places_to_others(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..20).map(|number| format!("sick {number}"))).await;
        let witness = Witness::default();
        let options = "order_by = \"key\"\nconcurrency = 2\nretries = \"forever\"\nbackoff = { initial = \"1h\", max = \"1h\" }";
        let running = auto(options).seen_by(&witness).behaves(|ctx| {
            let fails = ctx.offset() < 20;
            Box::pin(async move { if fails { Err(Error::new("as the test wants it")) } else { Ok(()) } })
        });
        let running = running.start(&stage).await;
        wait_until("all have failed", async || witness.begun().len() == 20).await;
        stage.produce_keys(0, (0..20).map(|number| format!("well {number}"))).await;
        wait_until("the others were handled", async || witness.done().len() == 20).await;
        // In the middle of a backoff.
        running.end().await;
        assert_eq!(stage.position(0).await, Some(0));
        let again = Witness::default();
        let running = auto("order_by = \"key\"").seen_by(&again).start(&stage).await;
        stage.wait_for_position(0, 40).await;
        running.end().await;
        assert_eq!(again.offsets(), (0..20).collect::<Vec<_>>(), "what was finished beyond does not come again");
    }
}
