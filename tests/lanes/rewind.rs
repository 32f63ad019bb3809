//! A message that its handler takes back.

use std::sync::Mutex;

use harness::prelude::*;
use millstream::CommitErrorKind;
use millstream::prelude::*;

use crate::hands::listener;
use crate::stage::{MODES, Stage};
use crate::witness::Witness;

both_brokers! {
    async fn a_message_that_is_always_taken_back_runs_exactly_twice_with_one_retry(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce_keys(0, ["a", "b", "a", "c"]).await;
            let witness = Witness::default();
            let options = "order_by = \"key\"\nretries = 1";
            let running = listener(mode, options).seen_by(&witness).behaves(|ctx| {
                Box::pin(async move {
                    if ctx.offset() == 0 {
                        let _asked = ctx.commit_offsets(0);
                    } else {
                        let _asked = ctx.commit();
                    }
                    Ok(())
                })
            });
            let running = running.start(&stage).await;
            assert_eq!(running.paused(mode.id(), 0).await.0, 0);
            wait_until("the other keys were handled", async || witness.times(1) + witness.times(3) == 2).await;
            running.end().await;
            assert_eq!((witness.attempts(0), witness.times(2)), (vec![1, 2], 0), "{mode:?}");
            assert_eq!(stage.position(0).await, Some(0), "{mode:?}");
        }
    }

    /// The last verb wins, and nothing of the first stays.
    async fn a_message_that_is_taken_back_and_then_committed_is_settled(broker: &Broker) {
        for mode in MODES {
            let stage = Stage::new(broker, 1).await;
            stage.produce_keys(0, (0..2_000).map(|number| format!("key {number}"))).await;
            let witness = Witness::default();
            let running = listener(mode, "order_by = \"key\"\nwindow = 8").seen_by(&witness).behaves(|ctx| {
                Box::pin(async move {
                    let _taken_back = ctx.commit_offsets(ctx.offset());
                    let _settled = ctx.commit();
                    Ok(())
                })
            });
            let running = running.start(&stage).await;
            stage.wait_for_position(0, 2_000).await;
            assert_eq!(running.handle.listeners()[0].partitions[0].open_messages, 0);
            running.end().await;
            assert_eq!(witness.begun().len(), 2_000);
        }
    }

    async fn an_earlier_message_cannot_be_taken_back(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, ["a", "b", "c"]).await;
        let answers = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&answers);
        let running = listener(crate::stage::Mode::Auto, "order_by = \"none\"").behaves(move |ctx| {
            let noted = Arc::clone(&noted);
            Box::pin(async move {
                if ctx.offset() == 2 {
                    let answer = ctx.commit_offsets(1).await;
                    noted.lock().unwrap().push(answer);
                }
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        stage.wait_for_position(0, 3).await;
        running.end().await;
        let answers = std::mem::take(&mut *answers.lock().unwrap());
        let error = answers.first().expect("the handler had its answer").as_ref().expect_err("it is refused");
        assert_eq!(error.kind(), CommitErrorKind::InvalidOffset);
        assert!(error.to_string().contains("only the message in hand, 2,"), "{error}");
    }
}
