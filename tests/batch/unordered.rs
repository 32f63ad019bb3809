//! Batches of messages that stand for themselves: `order_by = "none"` and `"key"`.

use std::collections::{BTreeMap, BTreeSet};

use harness::prelude::*;

use crate::script::{Act, Fives, Patient, Script, bind};
use crate::stage::Stage;

/// How often each offset was handed over.
fn deliveries(script: &Script) -> BTreeMap<i64, usize> {
    let mut deliveries = BTreeMap::new();
    for offset in script.batches().into_iter().flatten() {
        *deliveries.entry(offset).or_default() += 1;
    }
    deliveries
}

both_brokers! {
    /// Those on the list come again with their own attempts, the others do not.
    async fn only_the_messages_of_the_list_come_again(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::new(|call| {
            let failing = call.messages.iter().enumerate().filter(|(index, (_, offset))| {
                [1, 3].contains(offset) && call.attempts[*index] == 1
            });
            Act::Failed(failing.map(|(index, _)| index).collect())
        });
        let options = "order_by = \"none\"";
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", options)).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(deliveries(&script), BTreeMap::from([(0, 1), (1, 2), (2, 1), (3, 2), (4, 1)]));
    }

    /// One that fails for good is held alone: the others of its batch are settled, and a commit of them is known beyond
    /// the position.
    async fn a_message_that_fails_for_good_holds_no_other(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 10).await;
        let script = Script::new(|call| Act::Failed(call.index_of(2).into_iter().collect()));
        let options = "order_by = \"none\"\nretries = 1";
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", options)).await;
        assert_eq!(running.paused("Fives.on_batch", 0).await.0, 2);
        wait_until("all others are handled", async || deliveries(&script).len() == 10).await;
        stage.wait_for_position(0, 2).await;
        running.handle.skip("Fives.on_batch", &stage.topic, 0, 2, "the test wants it").unwrap();
        stage.wait_for_position(0, 10).await;
        running.end().await;
        assert!(deliveries(&script).iter().all(|(offset, count)| *count == 1 + usize::from(*offset == 2)));
    }

    /// After a failure that names no message each comes alone.
    async fn after_a_failure_that_names_no_message_each_comes_alone(broker: &Broker) {
        for ending in [Act::Err, Act::Panic, Act::Hang] {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 5).await;
            let failure = ending.clone();
            let script = Script::new(move |call| if call.messages.len() > 1 { failure.clone() } else { Act::Done });
            let options = "order_by = \"none\"\ntimeout = \"200ms\"\nretries = 0";
            let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", options)).await;
            stage.wait_for_position(0, 5).await;
            running.end().await;
            let alone: BTreeSet<_> = script.batches().into_iter().filter(|batch| batch.len() == 1).flatten().collect();
            assert_eq!(alone, (0..5).collect(), "{ending:?}");
        }
    }

    /// With `order_by = "key"` no batch has two messages of one key, and each key keeps its order.
    async fn messages_of_one_key_keep_their_order(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let record = |number: usize| {
            Record::to(&stage.topic).partition(0).key(format!("{}", number % 3)).payload(number.to_string())
        };
        broker.produce_many((0..30).map(record)).await;
        let script = Script::done();
        let options = "order_by = \"key\"";
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", options)).await;
        stage.wait_for_position(0, 30).await;
        running.end().await;
        for batch in script.batches() {
            let keys: BTreeSet<_> = batch.iter().map(|offset| offset % 3).collect();
            assert_eq!(keys.len(), batch.len(), "{batch:?}");
        }
        for key in 0..3 {
            let offsets: Vec<_> = script.batches().into_iter().flatten().filter(|offset| offset % 3 == key).collect();
            assert!(offsets.is_sorted(), "{offsets:?}");
        }
    }

    /// An end while messages are collected waits for nothing and settles nothing.
    async fn an_end_while_messages_are_collected_settles_none_of_them(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let script = Script::done();
        let running = stage.start(bind(&stage, Patient(script.clone()), "Patient", "order_by = \"none\"")).await;
        running.end().await;
        assert_eq!((script.count(), stage.position(0).await), (0, Some(0)));
    }
}
