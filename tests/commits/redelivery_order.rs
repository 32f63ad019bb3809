//! Retries keep the order of their partition and hold no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use harness::prelude::*;

use crate::probe::{Act, Ending, Probe};
use crate::stage::{Mode, READER, Stage};

both_brokers! {
    /// A message that fails comes again before what follows it, and other partitions go on in the meantime: it fails until
    /// they are done.
    async fn a_failing_message_comes_again_in_order_while_other_partitions_go_on(broker: &Broker) {
        let stage = Stage::new(broker, 3).await;
        stage.produce(0, 20).await;
        stage.produce(1, 400).await;
        stage.produce(2, 400).await;
        let others = Arc::new(AtomicUsize::new(0));
        let handled = Arc::clone(&others);
        let probe = Probe::new(move |call| {
            if call.partition != 0 {
                handled.fetch_add(1, Ordering::Relaxed);
                return Act::only(Ending::Ok);
            }
            let fails = call.offset == 5 && handled.load(Ordering::Relaxed) < 800;
            Act::only(if fails || (call.offset == 5 && call.delivery == 1) { Ending::Err } else { Ending::Ok })
        });
        let running = stage.reader(Mode::Auto, &probe, "retries = \"forever\"").await;
        stage.wait_for_position(0, 20).await;
        stage.wait_for_position(1, 400).await;
        stage.wait_for_position(2, 400).await;
        running.end().await;

        let mut offsets = probe.offsets_of(READER, 0);
        assert!(offsets.iter().filter(|offset| **offset == 5).count() > 1);
        offsets.dedup();
        assert_eq!(offsets, (0..20).collect::<Vec<i64>>());
        let attempts = probe.calls();
        let attempts: Vec<u32> =
            attempts.iter().filter(|call| call.partition == 0 && call.offset == 5).map(|call| call.attempt).collect();
        let counted: Vec<u32> = (1..).take(attempts.len()).collect();
        assert_eq!(attempts, counted, "the attempt grows by one each time");
        for partition in [1, 2] {
            assert_eq!(probe.offsets_of(READER, partition), (0..400).collect::<Vec<i64>>());
        }
    }
}
