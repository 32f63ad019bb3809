//! What becomes of a batch of which a message failed.

use harness::prelude::*;
use millstream::Event;

use crate::script::{Act, Fives, Script, bind};
use crate::stage::Stage;

const ID: &str = "Fives.on_batch";

both_brokers! {
    /// What stands before it is settled; the next batch begins with it, and only its own attempt has grown.
    async fn a_failed_message_and_what_follows_come_again_and_what_stands_before_does_not(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::new(|call| match call.index_of(2) {
            Some(index) if call.number <= 2 => Act::FailedAt(index),
            _ => Act::Done,
        });
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", "")).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0, 1, 2, 3, 4], vec![2, 3, 4], vec![2, 3, 4]]);
        assert_eq!(script.attempts(), [vec![1, 1, 1, 1, 1], vec![2, 1, 1], vec![3, 1, 1]]);
    }

    /// When its retries are used up the partition is held at it, with everything before it settled.
    async fn the_policy_is_that_of_the_failed_message(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::new(|call| call.index_of(3).map_or(Act::Done, Act::FailedAt));
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", "retries = 1")).await;
        let (offset, reason) = running.paused(ID, 0).await;
        assert_eq!((offset, &*reason), (3, "as the test wants it"));
        stage.wait_for_position(0, 3).await;
        assert_eq!(script.batches(), [vec![0, 1, 2, 3, 4], vec![3, 4]]);
        running.handle.skip(ID, &stage.topic, 0, 3, "the test wants it").unwrap();
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(script.batches()[2..], [vec![4]]);
    }

    /// The message that fails for good is passed over, and the others of its batch are not.
    async fn a_message_that_is_skipped_takes_no_other_with_it(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::new(|call| call.index_of(2).map_or(Act::Done, Act::FailedAt));
        let options = "retries = 0\non_failure = \"skip\"\naccept_loss = true";
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", options)).await;
        running.event("the message was skipped", |event| matches!(event, Event::Skipped { offset: 2, .. })).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0, 1, 2, 3, 4], vec![3, 4]]);
    }

    /// An error, a panic and a timeout name no message: each comes alone, and the one that fails then is the one that
    /// answers for it.
    async fn after_a_failure_that_names_no_message_each_comes_alone(broker: &Broker) {
        for ending in [Act::Err, Act::Panic, Act::Hang] {
            let stage = Stage::new(broker, 1).await;
            stage.produce(0, 5).await;
            let failure = ending.clone();
            let script = Script::new(move |call| match call.index_of(3) {
                Some(_) if call.messages.len() > 1 || call.attempts[0] == 1 => failure.clone(),
                _ => Act::Done,
            });
            let options = "timeout = \"200ms\"\nretries = 1";
            let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", options)).await;
            stage.wait_for_position(0, 5).await;
            running.end().await;
            let expected = [vec![0, 1, 2, 3, 4], vec![0], vec![1], vec![2], vec![3], vec![3], vec![4]];
            assert_eq!(script.batches(), expected, "{ending:?}");
            assert_eq!(script.attempts()[1..], [[1], [1], [1], [1], [2], [1]], "{ending:?}");
        }
    }

    /// A message moves back by its own context: it is a failed attempt of that message.
    async fn a_message_of_a_batch_can_move_back(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::new(|call| if call.number == 1 { Act::Rewind(3, 1) } else { Act::Done });
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", "")).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0, 1, 2, 3, 4], vec![1, 2, 3, 4]]);
        assert_eq!(script.attempts()[1], [2, 2, 2, 1]);
    }

    /// An index that is not in the batch settles nothing.
    async fn an_outcome_beyond_the_batch_settles_nothing(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 2).await;
        let script = Script::new(|_| Act::FailedAt(7));
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", "retries = 0")).await;
        let (offset, reason) = running.paused(ID, 0).await;
        assert_eq!(offset, 0);
        assert!(reason.contains("names message 7 of a batch of 1"), "{reason}");
        running.end().await;
        assert_eq!(stage.position(0).await, Some(0));
    }

    /// An offset that the configuration skips is left out of its batch and settled.
    async fn a_skipped_offset_is_left_out_of_its_batch(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::done();
        let options = format!("skip_offsets = [\"{}/0@1\"]", stage.topic);
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", &options)).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0], vec![2, 3, 4]]);
    }
}
