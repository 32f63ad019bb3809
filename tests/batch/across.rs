//! Batches with messages of several partitions.

use std::collections::{BTreeMap, BTreeSet};

use harness::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::script::{Act, Call, Script, Together, TogetherByHand, TogetherSoon, bind};
use crate::stage::Stage;

/// A topic with four partitions of so many messages each.
async fn stage(broker: &Broker, messages: usize) -> Stage<'_> {
    let stage = Stage::new(broker, 4).await;
    for partition in 0..4 {
        stage.produce(partition, messages).await;
    }
    stage
}

/// Waits until the group's position of every partition is this.
async fn wait_for_positions(stage: &Stage<'_>, wanted: i64) {
    for partition in 0..4 {
        stage.wait_for_position(partition, wanted).await;
    }
}

/// The offsets of each partition, in the order in which they were handed over.
fn by_partition<'c>(calls: impl IntoIterator<Item = &'c Call>) -> BTreeMap<i32, Vec<i64>> {
    let mut partitions: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for (partition, offset) in calls.into_iter().flat_map(|call| &call.messages) {
        partitions.entry(*partition).or_default().push(*offset);
    }
    partitions
}

/// Every partition with the offsets from 0 to this one.
fn everything(end: i64) -> BTreeMap<i32, Vec<i64>> {
    (0..4).map(|partition| (partition, (0..end).collect())).collect()
}

both_brokers! {
    /// Only all partitions together fill the batch, and only a full one goes within the hour.
    async fn messages_of_all_partitions_come_in_one_batch(broker: &Broker) {
        let stage = stage(broker, 5).await;
        let script = Script::done();
        let running = stage.start(bind(&stage, Together(script.clone()), "Together", "")).await;
        wait_for_positions(&stage, 5).await;
        running.end().await;
        assert_eq!(script.sizes(), [20]);
        assert_eq!(by_partition(&script.calls()), everything(5));
    }

    /// What comes while the batch waits joins it; what does not fit is in the next.
    async fn what_comes_later_joins_what_waits(broker: &Broker) {
        let stage = stage(broker, 2).await;
        let script = Script::done();
        let running = stage.start(bind(&stage, Together(script.clone()), "Together", "")).await;
        assert_eq!(script.count(), 0);
        for partition in 0..4 {
            stage.produce(partition, 8).await;
        }
        wait_for_positions(&stage, 10).await;
        running.end().await;
        assert_eq!(script.sizes(), [20, 20]);
        assert_eq!(by_partition(&script.calls()), everything(10));
    }

    /// Many batches: none is larger than it may be, every message comes once, each partition in its order.
    async fn every_message_comes_once_and_in_the_order_of_its_partition(broker: &Broker) {
        let stage = stage(broker, 1000).await;
        let script = Script::done();
        let options = "concurrency = 2";
        let running = stage.start(bind(&stage, TogetherSoon(script.clone()), "TogetherSoon", options)).await;
        wait_for_positions(&stage, 1000).await;
        running.end().await;
        assert!(script.sizes().iter().all(|size| *size <= 50));
        assert_eq!(by_partition(&script.calls()), everything(1000));
    }

    /// Whatever the partition, what stands before the failure is settled and what stands behind it comes again; only the
    /// failed message has failed.
    async fn a_failure_settles_what_stands_before_it_in_every_partition(broker: &Broker) {
        let stage = stage(broker, 5).await;
        let script = Script::new(|call| if call.number == 1 { Act::FailedAt(7) } else { Act::Done });
        let running = stage.start(bind(&stage, Together(script.clone()), "Together", "")).await;
        wait_for_positions(&stage, 5).await;
        running.end().await;
        let calls = script.calls();
        let (settled, rest) = calls[0].messages.split_at(7);
        let again: Vec<_> = calls[1..].iter().flat_map(|call| call.messages.iter().copied()).collect();
        assert_eq!(again.len(), rest.len(), "each once");
        assert_eq!(again.into_iter().collect::<BTreeSet<_>>(), rest.iter().copied().collect());
        assert_eq!(settled.len() + rest.len(), 20);
        for call in &calls[1..] {
            for (message, attempt) in call.messages.iter().zip(&call.attempts) {
                assert_eq!(*attempt, 1 + u32::from(*message == rest[0]), "{message:?}");
            }
        }
        for offsets in by_partition(&calls[1..]).values() {
            assert!(offsets.is_sorted(), "{offsets:?}");
        }
    }

    /// The partition of a message that fails for good is held at it; the others go on, also with what comes later.
    async fn a_partition_that_is_held_does_not_stop_the_others(broker: &Broker) {
        let stage = stage(broker, 5).await;
        let script = Script::new(|call| {
            call.messages.iter().position(|message| *message == (1, 2)).map_or(Act::Done, Act::FailedAt)
        });
        let running = stage.start(bind(&stage, TogetherSoon(script.clone()), "TogetherSoon", "retries = 1")).await;
        assert_eq!(running.paused("TogetherSoon.on_batch", 1).await.0, 2);
        for partition in [0, 2, 3] {
            stage.wait_for_position(partition, 5).await;
            stage.produce(partition, 10).await;
        }
        for partition in [0, 2, 3] {
            stage.wait_for_position(partition, 15).await;
        }
        stage.wait_for_position(1, 2).await;
        running.handle.skip("TogetherSoon.on_batch", &stage.topic, 1, 2, "the test wants it").unwrap();
        stage.wait_for_position(1, 5).await;
        running.end().await;
        let failed = script.calls().into_iter().filter(|call| call.messages.contains(&(1, 2))).count();
        assert_eq!(failed, 2, "it was tried twice");
    }

    /// An error and a panic name no message: each comes alone, and nobody's attempt has grown.
    async fn after_a_failure_that_names_no_message_each_comes_alone(broker: &Broker) {
        for ending in [Act::Err, Act::Panic] {
            let stage = stage(broker, 5).await;
            let failure = ending.clone();
            let script = Script::new(move |call| if call.messages.len() > 1 { failure.clone() } else { Act::Done });
            let running = stage.start(bind(&stage, Together(script.clone()), "Together", "retries = 0")).await;
            wait_for_positions(&stage, 5).await;
            running.end().await;
            let calls = script.calls();
            assert_eq!((calls[0].messages.len(), calls.len()), (20, 21), "{ending:?}");
            assert_eq!(by_partition(&calls[1..]), everything(5), "{ending:?}");
            assert!(calls.iter().all(|call| call.attempts.iter().all(|attempt| *attempt == 1)), "{ending:?}");
        }
    }

    /// A message moves its own partition back, and the others are done.
    async fn a_message_moves_only_its_own_partition_back(broker: &Broker) {
        let stage = stage(broker, 5).await;
        let script = Script::new(|call| {
            let moved = call.messages.iter().position(|message| *message == (2, 3)).unwrap_or_default();
            if call.number == 1 { Act::Rewind(moved, 1) } else { Act::Done }
        });
        let running = stage.start(bind(&stage, Together(script.clone()), "Together", "")).await;
        wait_for_positions(&stage, 5).await;
        running.end().await;
        assert_eq!(by_partition(&script.calls()[1..]), BTreeMap::from([(2, vec![1, 2, 3, 4])]));
    }

    /// The first messages are committed in each partition that they are of, and their answer names each.
    async fn a_prefix_is_committed_in_each_of_its_partitions(broker: &Broker) {
        let stage = stage(broker, 5).await;
        let script = Script::new(|_| Act::CommitThrough(12, false));
        let running = stage.start(bind(&stage, TogetherByHand(script.clone()), "TogetherByHand", "")).await;
        wait_until("the commit is answered", async || script.answers().len() == 1).await;
        running.end().await;
        let mut expected: BTreeMap<i32, i64> = BTreeMap::new();
        for (partition, offset) in script.calls()[0].messages.iter().take(13) {
            expected.insert(*partition, offset + 1);
        }
        let receipts = script.answers().remove(0).unwrap();
        let committed: BTreeMap<_, _> =
            receipts.iter().map(|receipt| (receipt.partition, receipt.receipt.position)).collect();
        assert_eq!((receipts.len(), &committed), (expected.len(), &expected));
        for partition in 0..4 {
            let wanted = expected.get(&partition).copied().unwrap_or(0);
            assert_eq!(stage.position(partition).await, Some(wanted));
        }
    }

    /// What waits for a batch is not settled: the next start brings it.
    async fn an_end_while_messages_wait_settles_none_of_them(broker: &Broker) {
        let stage = stage(broker, 3).await;
        let waiting = Script::done();
        let running = stage.start(bind(&stage, Together(waiting.clone()), "Together", "")).await;
        running.end().await;
        assert_eq!(waiting.count(), 0);
        let script = Script::done();
        let running = stage.start(bind(&stage, TogetherSoon(script.clone()), "TogetherSoon", "")).await;
        wait_for_positions(&stage, 3).await;
        running.end().await;
        assert_eq!(by_partition(&script.calls()), everything(3));
    }

    /// A batch in hand ends first and is committed for all its partitions.
    async fn an_end_waits_for_the_batch_in_hand(broker: &Broker) {
        let stage = stage(broker, 5).await;
        let token = CancellationToken::new();
        let gate = token.clone();
        let script = Script::new(move |_| Act::WaitFor(gate.clone()));
        let running = stage.start(bind(&stage, Together(script.clone()), "Together", "")).await;
        wait_until("a batch is in hand", async || script.count() == 20).await;
        let ending = tokio::spawn(running.end());
        tokio::task::yield_now().await;
        token.cancel();
        ending.await.unwrap();
        for partition in 0..4 {
            assert_eq!(stage.position(partition).await, Some(5));
        }
    }

    /// Partitions that are taken away while their messages wait leave the batch, and fill that of their new owner.
    async fn a_partition_that_is_revoked_takes_its_messages_out_of_the_batch(broker: &Broker) {
        let stage = stage(broker, 4).await;
        let (first, second) = (Script::done(), Script::done());
        let one = stage.start(bind(&stage, Together(first.clone()), "Together", "")).await;
        let two = stage.start(bind(&stage, Together(second.clone()), "Together", "")).await;
        wait_until("each has two partitions", async || {
            [&one, &two].iter().all(|running| running.handle.listeners()[0].partitions.len() == 2)
        })
        .await;
        assert_eq!((first.count(), second.count()), (0, 0));
        for partition in 0..4 {
            stage.produce(partition, 6).await;
        }
        wait_for_positions(&stage, 10).await;
        one.end().await;
        two.end().await;
        assert_eq!((first.sizes(), second.sizes()), (vec![20], vec![20]));
        let calls: Vec<_> = first.calls().into_iter().chain(second.calls()).collect();
        assert_eq!(by_partition(&calls), everything(10));
    }

    /// Members that come and go: every message is handled, and in the end every position is at the end.
    async fn nothing_is_lost_when_partitions_move_between_members(broker: &Broker) {
        let stage = stage(broker, 2000).await;
        let (first, second) = (Script::done(), Script::done());
        let one = stage.start(bind(&stage, TogetherSoon(first.clone()), "TogetherSoon", "")).await;
        let two = stage.start(bind(&stage, TogetherSoon(second.clone()), "TogetherSoon", "")).await;
        for partition in 0..4 {
            stage.produce(partition, 500).await;
        }
        one.end().await;
        wait_for_positions(&stage, 2500).await;
        two.end().await;
        let calls = first.calls().into_iter().chain(second.calls());
        let handled: BTreeSet<_> = calls.flat_map(|call| call.messages).collect();
        assert_eq!(handled.len(), 10_000);
    }
}
