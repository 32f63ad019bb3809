//! Two listeners of one topic, one with lanes by key and one in the order of the partition.

use harness::prelude::*;
use millstream::prelude::*;

use crate::hands::{AUTO, auto, manual};
use crate::stage::{READER, READER_ID, Stage};
use crate::witness::Witness;

both_brokers! {
    /// The position is the lowest; what the listener with lanes had settled beyond it is not repeated, and what it had
    /// not is.
    async fn what_lanes_have_settled_beyond_a_sibling_does_not_come_again(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..30).map(|number| format!("key {number}"))).await;
        let witness = Witness::default();
        let failing = crate::probe::Probe::new(|call| {
            let ending = if call.offset == 5 { crate::probe::Ending::Terminal } else { crate::probe::Ending::Ok };
            crate::probe::Act::only(ending)
        });
        let lanes = auto("order_by = \"key\"\nretries = 0").seen_by(&witness).behaves(|ctx| {
            let fails = ctx.offset() == 20;
            Box::pin(async move { if fails { Err(Error::new("as the test wants it")) } else { Ok(()) } })
        });
        let app = lanes.bind(stage.app(), &stage.topic);
        let running = stage.start(stage.listener(app, READER, crate::stage::Mode::Auto, &failing, "")).await;
        running.paused(READER_ID, 0).await;
        running.paused(AUTO, 0).await;
        wait_until("the lanes have handled the rest", async || witness.done().len() == 29).await;
        running.end().await;
        assert_eq!(stage.position(0).await, Some(5));

        let (again, sibling) = (Witness::default(), crate::probe::Probe::ok());
        let app = auto("order_by = \"key\"").seen_by(&again).bind(stage.app(), &stage.topic);
        let running = stage.start(stage.listener(app, READER, crate::stage::Mode::Auto, &sibling, "")).await;
        stage.wait_for_position(0, 30).await;
        running.end().await;
        assert_eq!(sibling.offsets(), (5..30).collect::<Vec<_>>());
        assert_eq!(again.offsets(), [20]);
    }

    /// Each has its own position in the metadata, by its own id.
    async fn two_listeners_with_lanes_remember_what_each_has_finished(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..20).map(|number| format!("key {number}"))).await;
        let (one, other) = (Witness::default(), Witness::default());
        let first = auto("order_by = \"key\"\nretries = 0").seen_by(&one).behaves(|ctx| {
            let fails = ctx.offset() == 4 || ctx.offset() == 9;
            Box::pin(async move { if fails { Err(Error::new("as the test wants it")) } else { Ok(()) } })
        });
        let second = manual("order_by = \"none\"\nretries = 0").seen_by(&other).behaves(|ctx| {
            let fails = ctx.offset() == 7;
            if !fails {
                let _settled = ctx.commit();
            }
            Box::pin(async move { if fails { Err(Error::new("as the test wants it")) } else { Ok(()) } })
        });
        let app = second.bind(first.bind(stage.app(), &stage.topic), &stage.topic);
        let running = stage.start(app).await;
        wait_until("the rest was handled", async || (one.done().len(), other.done().len()) == (18, 19)).await;
        running.end().await;
        assert_eq!(stage.position(0).await, Some(4));

        let (one, other) = (Witness::default(), Witness::default());
        let first = auto("order_by = \"key\"").seen_by(&one);
        let second = manual("order_by = \"none\"").seen_by(&other).behaves(|ctx| {
            let _settled = ctx.commit();
            Box::pin(async { Ok(()) })
        });
        let running = stage.start(second.bind(first.bind(stage.app(), &stage.topic), &stage.topic)).await;
        stage.wait_for_position(0, 20).await;
        running.end().await;
        assert_eq!((one.offsets(), other.offsets()), (vec![4, 9], vec![7]));
    }
}
