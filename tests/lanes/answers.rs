//! What an awaited commit says beyond a gap, and what the broker stores.

use std::sync::Mutex;

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Carried, CommitReceipt};
use tokio::sync::Semaphore;

use crate::hands::manual;
use crate::stage::Stage;
use crate::witness::Witness;

both_brokers! {
    async fn a_commit_beyond_a_gap_is_carried_by_the_metadata_and_holds_over_a_restart(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..20).map(|number| format!("key {number}"))).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let answers = Arc::new(Mutex::new(Vec::new()));
        let (at_gate, noted) = (Arc::clone(&gate), Arc::clone(&answers));
        let running = manual("order_by = \"key\"").seen_by(&witness).behaves(move |ctx| {
            let (gate, noted) = (Arc::clone(&at_gate), Arc::clone(&noted));
            Box::pin(async move {
                if ctx.offset() == 4 {
                    gate.acquire().await?.forget();
                    return Err(Error::new("it ends in the middle of its work"));
                }
                let answer = ctx.commit().await;
                noted.lock().unwrap().push((ctx.offset(), answer));
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("all others have their answers", async || answers.lock().unwrap().len() == 19).await;
        let committed = broker.committed(&stage.group, &stage.topic).await.remove(&0).expect("there is a position");
        assert_eq!(committed.offset, 4);
        assert!(committed.metadata.starts_with("ms1 "), "{}", committed.metadata);
        running.handle.request_shutdown();
        running.handle.stopping().await;
        gate.add_permits(1);
        running.end().await;
        for (offset, answer) in answers.lock().unwrap().iter() {
            let expected = match offset {
                0..4 => Carried::Position,
                _ => Carried::Metadata,
            };
            let CommitReceipt { carried, .. } = answer.as_ref().expect("the broker takes it");
            assert_eq!(*carried, expected, "offset {offset}");
        }

        // Who does not know the metadata reads on from the position.
        let held = broker.committed(&stage.group, &stage.topic).await.remove(&0).expect("there is a position");
        assert_eq!(held.offset, 4);
        let again = Witness::default();
        let running = manual("order_by = \"key\"").seen_by(&again).behaves(|ctx| {
            Box::pin(async move {
                let _settled = ctx.commit();
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        stage.wait_for_position(0, 20).await;
        running.end().await;
        assert_eq!(again.offsets(), [4], "only what was in hand");
    }

    /// Settling a later message covers those before it that were handled and not committed, and no others.
    async fn a_commit_covers_what_was_handled_before_it(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..10).map(|number| format!("key {number}"))).await;
        let witness = Witness::default();
        let running = manual("order_by = \"key\"").seen_by(&witness).behaves(|ctx| {
            Box::pin(async move {
                if ctx.offset() == 6 {
                    let _settled = ctx.commit();
                }
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        stage.wait_for_position(0, 7).await;
        wait_until("all were handled", async || witness.done().len() == 10).await;
        running.end().await;
        assert_eq!(stage.position(0).await, Some(7));
        let again = Witness::default();
        let running = manual("order_by = \"key\"").seen_by(&again).start(&stage).await;
        wait_until("the rest comes again", async || again.done().len() == 3).await;
        running.end().await;
        assert_eq!(again.offsets(), [7, 8, 9]);
    }

    /// Its window does not grow by what it has handled.
    async fn a_listener_that_never_commits_reads_on_in_bounded_memory(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..500).map(|number| format!("key {number}"))).await;
        let witness = Witness::default();
        let running = manual("order_by = \"key\"\nwindow = 16").seen_by(&witness).behaves(|_| {
            Box::pin(async {
                tokio::task::yield_now().await;
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("all were handled", async || witness.done().len() == 500).await;
        wait_until("nothing is open", async || running.handle.listeners()[0].partitions[0].open_messages == 0).await;
        running.end().await;
        assert!(stage.position(0).await.is_none_or(|position| position == 0));
    }

    /// A plain client in the place of the application: the text beside the position means nothing to it.
    async fn another_client_of_the_group_is_not_disturbed_by_the_metadata(broker: &Broker) {
        use rdkafka::Message as _;
        use rdkafka::consumer::{CommitMode, Consumer as _, StreamConsumer};

        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..10).map(|number| format!("key {number}"))).await;
        let running = manual("order_by = \"key\"\nretries = 0").behaves(|ctx| {
            Box::pin(async move {
                if ctx.offset() == 3 {
                    return Err(Error::new("as the test wants it"));
                }
                let _settled = ctx.commit();
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("the metadata says what is finished", async || {
            let held = broker.committed(&stage.group, &stage.topic).await;
            held.get(&0).is_some_and(|held| held.offset == 3 && held.metadata.contains(" f"))
        })
        .await;
        running.end().await;
        let mut config = broker.consumer_config(&stage.group);
        if broker.kind() == BrokerKind::Embedded {
            config.set("group.protocol", "consumer").remove("session.timeout.ms");
        }
        let reader: StreamConsumer = config.create().expect("a plain consumer");
        reader.subscribe(&[&stage.topic]).expect("it subscribes");
        for expected in 3..10 {
            let message = reader.recv().await.expect("it reads");
            assert_eq!(message.offset(), expected);
            reader.commit_message(&message, CommitMode::Sync).expect("it commits");
        }
        drop(reader);
        assert_eq!(stage.position(0).await, Some(10));
    }
}
