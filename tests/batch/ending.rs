//! The end of an application, and partitions that move, while batches are collected or in hand.

use std::collections::BTreeSet;

use harness::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::script::{Act, Fives, Many, Patient, Script, bind};
use crate::stage::Stage;

both_brokers! {
    /// What was collected and not handed over is not settled: the next start brings it.
    async fn an_end_while_messages_are_collected_settles_none_of_them(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let waiting = Script::done();
        let running = stage.start(bind(&stage, Patient(waiting.clone()), "Patient", "")).await;
        running.end().await;
        assert_eq!(waiting.count(), 0);
        assert_eq!(stage.position(0).await, Some(0));
        let script = Script::done();
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", "")).await;
        stage.wait_for_position(0, 3).await;
        running.end().await;
        assert_eq!(script.count(), 3);
    }

    /// A batch in hand ends first and is committed.
    async fn an_end_waits_for_the_batch_in_hand_and_commits_it(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 7).await;
        let token = CancellationToken::new();
        let gate = token.clone();
        let script = Script::new(move |_| Act::WaitFor(gate.clone()));
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", "")).await;
        wait_until("a batch is in hand", async || script.count() == 5).await;
        let ending = tokio::spawn(running.end());
        tokio::task::yield_now().await;
        token.cancel();
        ending.await.unwrap();
        assert!([5, 7].contains(&script.count()));
        assert_eq!(stage.position(0).await, Some(i64::try_from(script.count()).unwrap()));
    }

    /// Members that come and go: every message is handled, and in the end every position is at the end.
    async fn nothing_is_lost_when_partitions_move_between_members(broker: &Broker) {
        let stage = Stage::new(broker, 4).await;
        for partition in 0..4 {
            stage.produce(partition, 2000).await;
        }
        let first = Script::done();
        let second = Script::done();
        let one = stage.start(bind(&stage, Many(first.clone()), "Many", "")).await;
        let two = stage.start(bind(&stage, Many(second.clone()), "Many", "")).await;
        for partition in 0..4 {
            stage.produce(partition, 500).await;
        }
        one.end().await;
        for partition in 0..4 {
            stage.wait_for_position(partition, 2500).await;
        }
        two.end().await;
        let calls = first.calls().into_iter().chain(second.calls());
        let handled: BTreeSet<_> = calls.flat_map(|call| call.messages).collect();
        assert_eq!(handled.len(), 10_000);
    }
}
