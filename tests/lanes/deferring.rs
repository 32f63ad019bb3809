//! Messages that another task settles.

use std::sync::Mutex;

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{CommitErrorKind, Deferred};

use crate::hands::auto;
use crate::stage::Stage;
use crate::witness::Witness;

/// What was deferred and not settled yet.
type Desk = Arc<Mutex<Vec<Deferred>>>;

fn take(desk: &Desk, offset: i64) -> Deferred {
    let mut desk = desk.lock().unwrap();
    let index = desk.iter().position(|deferred| deferred.offset() == offset).expect("it was deferred");
    desk.remove(index)
}

fn count(desk: &Desk) -> usize {
    desk.lock().unwrap().len()
}

/// A listener that puts every message of a key that begins with `later` on the desk.
fn deferring(options: &str, witness: &Witness, desk: &Desk) -> crate::hands::Listener {
    let desk = Arc::clone(desk);
    auto(options).seen_by(witness).behaves(move |ctx| {
        if ctx.key().is_some_and(|key| key.starts_with(b"later")) {
            desk.lock().unwrap().push(ctx.defer());
        }
        Box::pin(async { Ok(()) })
    })
}

both_brokers! {
    async fn a_deferred_message_is_settled_by_another_task(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, ["later a", "b", "later a", "c"]).await;
        let (witness, desk) = (Witness::default(), Desk::default());
        let running = deferring("order_by = \"key\"", &witness, &desk).start(&stage).await;
        wait_until("the other keys were handled", async || witness.times(1) + witness.times(3) == 2).await;
        assert_eq!((count(&desk), witness.times(2)), (1, 0), "the next of its key waits");
        let first = take(&desk, 0);
        let answer = tokio::spawn(async move { first.commit().await }).await.expect("the task ends");
        answer.expect("the broker takes it");
        wait_until("the next of its key was deferred", async || count(&desk) == 1).await;
        assert_eq!(stage.position(0).await, Some(2));
        take(&desk, 2).commit().await.expect("the broker takes it");
        stage.wait_for_position(0, 4).await;
        running.end().await;
        assert_eq!(witness.offsets(), [0, 1, 2, 3]);
    }

    async fn a_deferred_message_that_fails_or_is_dropped_is_tried_again_before_the_next_of_its_key(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, ["later a", "later a"]).await;
        let (witness, desk) = (Witness::default(), Desk::default());
        let running = deferring("order_by = \"key\"\nretries = 5", &witness, &desk).start(&stage).await;
        wait_until("it was deferred", async || count(&desk) == 1).await;
        take(&desk, 0).fail("as the test wants it");
        wait_until("it was deferred again", async || count(&desk) == 1).await;
        drop(take(&desk, 0));
        wait_until("it was deferred once more", async || count(&desk) == 1).await;
        assert_eq!((witness.attempts(0), witness.times(1)), (vec![1, 2, 3], 0));
        let _settled = take(&desk, 0).commit();
        wait_until("the next of its key was deferred", async || count(&desk) == 1).await;
        let _settled = take(&desk, 1).commit();
        stage.wait_for_position(0, 2).await;
        running.end().await;
    }

    async fn a_dropped_message_without_retries_left_is_a_failure_of_the_listener(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, ["later a"]).await;
        let (witness, desk) = (Witness::default(), Desk::default());
        let running = deferring("order_by = \"none\"\nretries = 0", &witness, &desk).start(&stage).await;
        wait_until("it was deferred", async || count(&desk) == 1).await;
        drop(take(&desk, 0));
        assert_eq!(running.paused(crate::hands::AUTO, 0).await.0, 0);
        running.end().await;
    }

    /// In the order of the partition everything behind it waits.
    async fn a_deferred_message_holds_its_partition_where_that_is_the_order(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        stage.produce_keys(0, ["later a", "b"]).await;
        stage.produce_keys(1, ["c", "d"]).await;
        let (witness, desk) = (Witness::default(), Desk::default());
        let running = deferring("retries = 1", &witness, &desk).start(&stage).await;
        stage.wait_for_position(1, 2).await;
        wait_until("it was deferred", async || count(&desk) == 1).await;
        let of_first = || witness.begun().into_iter().filter(|seen| seen.partition == 0).count();
        assert_eq!(of_first(), 1);
        take(&desk, 0).fail("as the test wants it");
        wait_until("it was deferred again", async || count(&desk) == 1).await;
        assert_eq!(of_first(), 2);
        let _settled = take(&desk, 0).commit();
        stage.wait_for_position(0, 2).await;
        running.end().await;
    }

    /// Who deferred and then failed has not deferred: a late commit moves nothing, neither on nor back.
    async fn a_message_that_failed_after_it_was_deferred_is_not_settled_by_a_late_commit(broker: &Broker) {
        for order_by in ["partition", "key", "none"] {
            let stage = Stage::new(broker, 1).await;
            stage.produce_keys(0, (0..50).map(|number| format!("key {number}"))).await;
            let (witness, desk) = (Witness::default(), Desk::default());
            let on_desk = Arc::clone(&desk);
            let options = format!("order_by = {order_by:?}\nretries = 1");
            let running = auto(&options).seen_by(&witness).behaves(move |ctx| {
                let fails = ctx.offset() == 3 && ctx.attempt() == 1;
                if fails || ctx.offset() == 5 {
                    on_desk.lock().unwrap().push(ctx.defer());
                }
                if ctx.offset() == 5 {
                    let _settled = ctx.commit();
                }
                Box::pin(async move { if fails { Err(Error::new("as the test wants it")) } else { Ok(()) } })
            });
            let running = running.start(&stage).await;
            stage.wait_for_position(0, 50).await;
            for offset in [3, 5] {
                let error = take(&desk, offset).commit().await.expect_err("it is too late");
                assert_eq!(error.kind(), CommitErrorKind::Revoked, "{order_by}, {offset}");
            }
            running.end().await;
            assert_eq!(stage.position(0).await, Some(50), "{order_by}");
            assert_eq!(witness.times(3), 2, "{order_by}");
        }
    }
}
