//! The order of each key, under load: ten thousand keys, some hot and most cold, handlers that take their time and fail.

use std::time::Duration;

use harness::prelude::*;
use millstream::prelude::*;

use crate::hands::{Listener, auto};
use crate::stage::Stage;
use crate::witness::Witness;

pub(crate) const PARTITIONS: i32 = 3;
/// Messages of each partition.
pub(crate) const EACH: i64 = 4_000;

/// How many messages there are.
pub(crate) fn all() -> usize {
    usize::try_from(i64::from(PARTITIONS) * EACH).expect("a count")
}

/// Every other message is of one of eight keys, the others of ten thousand.
pub(crate) async fn load(stage: &Stage<'_>) {
    for partition in 0..PARTITIONS {
        let keys = (0..EACH).map(|number| match number % 2 {
            0 => format!("hot {}", number / 2 % 8),
            _ => format!("cold {}", scattered(number) % 10_000),
        });
        stage.produce_keys(partition, keys).await;
    }
}

/// Fails one message of fifty once, and has each take another while.
pub(crate) fn trying(witness: &Witness) -> Listener {
    auto("order_by = \"key\"\nconcurrency = 48").seen_by(witness).behaves(|ctx| {
        Box::pin(async move {
            match scattered(ctx.offset()) % 7 {
                0..3 => {}
                3..6 => tokio::task::yield_now().await,
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
            if scattered(ctx.offset()) % 50 == 0 && ctx.attempt() == 1 {
                return Err(Error::new("as the test wants it"));
            }
            Ok(())
        })
    })
}

/// A number that looks like chance and is the same each time.
pub(crate) fn scattered(number: i64) -> i64 {
    (number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33).abs()
}

pub(crate) fn assert_all_handled_in_order(witness: &Witness) {
    witness.assert_order_by_key();
    let handled = witness.handled();
    let expected = (0..PARTITIONS).flat_map(|partition| (0..EACH).map(move |offset| (partition, offset)));
    let missing: Vec<_> = expected.filter(|message| !handled.contains(message)).take(10).collect();
    assert!(missing.is_empty(), "never handled: {missing:?} ...");
}

pub(crate) async fn wait_for_all_positions(stage: &Stage<'_>) {
    for partition in 0..PARTITIONS {
        stage.wait_for_position(partition, EACH).await;
    }
}

both_brokers! {
    async fn each_key_keeps_its_order_and_runs_one_handler_under_load_with_retries(broker: &Broker) {
        let stage = Stage::new(broker, PARTITIONS).await;
        load(&stage).await;
        let witness = Witness::default();
        let running = trying(&witness).start(&stage).await;
        wait_for_all_positions(&stage).await;
        running.end().await;
        assert_all_handled_in_order(&witness);
        assert!(witness.most() > 8, "only {} handlers ran at once", witness.most());
        assert_eq!(witness.done().len(), all(), "each once");
    }
}
