//! Messages of a batch that other tasks settle.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{BatchContext, Carried, Deferred};

use crate::script::bind;
use crate::stage::Stage;

/// Leaves every message to the test.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Vec<Deferred>>>);

impl Desk {
    fn note(&self, batch: &BatchContext) {
        let mut desk = self.0.lock().unwrap();
        desk.extend((0..batch.len()).filter_map(|index| batch.context_of(index)).map(Context::defer));
    }

    fn take(&self, offset: i64) -> Deferred {
        let mut desk = self.0.lock().unwrap();
        let index = desk.iter().position(|deferred| deferred.offset() == offset).expect("it was deferred");
        desk.remove(index)
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

struct Leaving(Desk);

#[consumer]
impl Leaving {
    #[kafka_listener("named-by-the-configuration", batch = { max = 3, wait = "1h" }, retries = 3)]
    async fn on_batch(&self, batch: &BatchContext) -> Result<()> {
        self.0.note(batch);
        Ok(())
    }
}

struct LeavingByHand(Desk);

#[consumer]
impl LeavingByHand {
    #[kafka_listener("named-by-the-configuration", batch = { max = 3, wait = "1h" }, auto_commit = false, retries = 3)]
    async fn on_batch(&self, batch: &BatchContext) -> Result<()> {
        self.0.note(batch);
        Ok(())
    }
}

/// The last of three is settled first, then the first fails.
async fn settle_in_another_order(stage: &Stage<'_>, desk: &Desk) {
    wait_until("all were deferred", async || desk.count() == 3).await;
    let answer = desk.take(2).commit().await.expect("it is ours to settle");
    assert_eq!(answer.carried, Carried::Memory);
    let _settled = desk.take(1).commit();
    assert_eq!(stage.position(0).await, Some(0), "the first one is open");
    desk.take(0).fail("as the test wants it");
    wait_until("all were deferred again", async || desk.count() == 3).await;
    assert_eq!(stage.position(0).await, Some(0), "what was settled behind a failure comes again");
    for offset in [1, 0, 2] {
        let _settled = desk.take(offset).commit();
    }
    stage.wait_for_position(0, 3).await;
}

both_brokers! {
    /// The position never passes a message of the batch that is not settled.
    async fn messages_of_a_batch_are_settled_in_any_order_and_the_position_follows_the_first(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let desk = Desk::default();
        let running = stage.start(bind(&stage, Leaving(desk.clone()), "Leaving", "")).await;
        settle_in_another_order(&stage, &desk).await;
        running.end().await;
    }

    /// The same where nothing else commits.
    async fn what_a_listener_that_commits_by_hand_deferred_is_committed_in_order(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let desk = Desk::default();
        let running = stage.start(bind(&stage, LeavingByHand(desk.clone()), "LeavingByHand", "")).await;
        settle_in_another_order(&stage, &desk).await;
        running.end().await;
    }
}
