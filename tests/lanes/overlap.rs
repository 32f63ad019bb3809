//! What runs side by side, and what does not.

use std::collections::BTreeSet;

use harness::prelude::*;
use millstream::prelude::*;
use tokio::sync::Semaphore;

use crate::hands::auto;
use crate::stage::Stage;
use crate::witness::Witness;

both_brokers! {
    /// A handler of one key that waits holds up nobody else of its partition.
    async fn other_keys_go_on_while_one_is_being_handled(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let others = || ('b'..='z').map(String::from);
        stage.produce_keys(0, ["a".to_owned()].into_iter().chain(others()).chain(["a".to_owned()])).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let at_gate = Arc::clone(&gate);
        let running = auto("order_by = \"key\"").seen_by(&witness).behaves(move |ctx| {
            let gate = Arc::clone(&at_gate);
            Box::pin(async move {
                if ctx.offset() == 0 {
                    gate.acquire().await?.forget();
                }
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("all other keys were handled", async || witness.done().len() == others().count()).await;
        assert_eq!((witness.running(), witness.times(26)), (1, 0), "the second message of the key waits for the first");
        assert!(stage.position(0).await.is_none_or(|position| position == 0), "the position waits for the first message");
        gate.add_permits(1);
        stage.wait_for_position(0, 27).await;
        running.end().await;
        witness.assert_order_by_key();
        assert_eq!(witness.offsets(), (0..27).collect::<Vec<_>>());
    }

    /// They are of one kind, beside those with keys.
    async fn messages_without_a_key_are_in_order_among_themselves(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..300).map(|number| if number % 3 == 0 { format!("key {number}") } else { String::new() })).await;
        let witness = Witness::default();
        let running = auto("order_by = \"key\"").seen_by(&witness).behaves(|ctx| {
            Box::pin(async move {
                // Those with a key are slower.
                for _ in 0..if ctx.key().is_some() { 20 } else { 2 } {
                    tokio::task::yield_now().await;
                }
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        stage.wait_for_position(0, 300).await;
        running.end().await;
        witness.assert_order_by_key();
        assert!(witness.most() > 1);
        assert_eq!(witness.offsets(), (0..300).collect::<Vec<_>>());
    }

    /// Counted over all partitions of the listener, and every partition has its turn.
    async fn without_order_as_many_handlers_run_as_may_and_never_more(broker: &Broker) {
        const PARTITIONS: i32 = 4;
        const EACH: usize = 60;
        const LIMIT: usize = 10;
        let stage = Stage::new(broker, PARTITIONS).await;
        // One partition is there long before the others, and could keep everything for itself.
        stage.produce_keys(0, vec!["same"; EACH]).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let at_gate = Arc::clone(&gate);
        let running = auto(&format!("order_by = \"none\"\nconcurrency = {LIMIT}")).seen_by(&witness).behaves(move |_| {
            let gate = Arc::clone(&at_gate);
            Box::pin(async move {
                gate.acquire().await?.forget();
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("as many handlers run as may", async || witness.running() == LIMIT).await;
        for partition in 1..PARTITIONS {
            stage.produce_keys(partition, vec!["same"; EACH]).await;
        }
        // A third of what the first partition holds, handed out one by one.
        for done in 1..=EACH / 3 {
            gate.add_permits(1);
            wait_until("one more handler has ended", async || witness.done().len() == done).await;
        }
        wait_until("every partition had its turn though the first has messages left", async || {
            let partitions: BTreeSet<i32> = witness.begun().iter().map(|seen| seen.partition).collect();
            if partitions.len() < usize::try_from(PARTITIONS).expect("a count") {
                gate.add_permits(1);
            }
            partitions.len() == usize::try_from(PARTITIONS).expect("a count")
        })
        .await;
        assert!(witness.begun().iter().filter(|seen| seen.partition == 0).count() < EACH);
        gate.add_permits(EACH * 4);
        for partition in 0..PARTITIONS {
            stage.wait_for_position(partition, i64::try_from(EACH).expect("a count")).await;
        }
        running.end().await;
        assert_eq!((witness.most(), witness.begun().len()), (LIMIT, EACH * 4));
    }
}
