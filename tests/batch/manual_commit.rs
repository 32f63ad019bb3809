//! Commits of a batch by hand.

use harness::prelude::*;

use crate::script::{Act, ByHand, Script, bind};
use crate::stage::Stage;

both_brokers! {
    /// The broker's answer names the position, and a restart goes on there.
    async fn a_prefix_is_committed_and_a_restart_brings_the_rest(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::new(|_| Act::CommitThrough(2, false));
        let running = stage.start(bind(&stage, ByHand(script.clone()), "ByHand", "")).await;
        wait_until("the commit is answered", async || !script.answers().is_empty()).await;
        running.end().await;
        let receipts = script.answers().remove(0).unwrap();
        assert_eq!(receipts.len(), 1);
        assert_eq!((&*receipts[0].topic, receipts[0].partition, receipts[0].receipt.position), (&*stage.topic, 0, 3));
        assert_eq!(stage.position(0).await, Some(3));
        let script = Script::done();
        let running = stage.start(bind(&stage, ByHand(script.clone()), "ByHand", "")).await;
        wait_until("the rest has come", async || script.count() >= 2).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![3, 4]]);
    }

    /// What was committed before a failure stays so, and the failure is of the rest.
    async fn a_failure_after_a_prefix_was_committed_concerns_the_rest(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 5).await;
        let script = Script::new(|call| match call.number {
            1 => Act::CommitThrough(3, true),
            _ => Act::CommitThrough(call.messages.len() - 1, false),
        });
        let running = stage.start(bind(&stage, ByHand(script.clone()), "ByHand", "")).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0, 1, 2, 3, 4], vec![4]]);
        assert_eq!(script.attempts()[1], [2]);
    }

    /// An index beyond the batch moves nothing.
    async fn a_commit_beyond_the_batch_is_refused(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 2).await;
        let script = Script::new(|_| Act::CommitThrough(9, false));
        let running = stage.start(bind(&stage, ByHand(script.clone()), "ByHand", "")).await;
        wait_until("the commit is answered", async || !script.answers().is_empty()).await;
        running.end().await;
        let error = script.answers().remove(0).unwrap_err();
        assert!(error.to_string().starts_with("cannot commit through message 9 of a batch of"), "{error}");
        assert_eq!(stage.position(0).await, Some(0));
    }
}
