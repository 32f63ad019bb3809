//! What comes again after an end that nobody prepared.

use harness::prelude::*;
use millstream::prelude::*;
use tokio::sync::Semaphore;

use crate::hands::auto;
use crate::stage::Stage;
use crate::witness::Witness;

both_brokers! {
    /// A handler that does not end in time: its message alone is handled again.
    async fn after_a_drain_that_ran_out_only_what_was_in_hand_comes_again(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..200).map(|number| format!("key {number}"))).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let at_gate = Arc::clone(&gate);
        let first = auto("order_by = \"key\"").seen_by(&witness).behaves(move |ctx| {
            let gate = Arc::clone(&at_gate);
            let waits = ctx.offset() % 50 == 10;
            Box::pin(async move {
                if waits {
                    gate.acquire().await?.forget();
                }
                Ok(())
            })
        });
        let app = first.bind(stage.app(), &stage.topic).set("kafka.drain_timeout", "300ms");
        let running = stage.start(app).await;
        wait_until("all others were handled", async || witness.done().len() == 196).await;
        running.handle.shutdown().await.expect_err("four handlers did not end");
        let again = Witness::default();
        let running = auto("order_by = \"key\"").seen_by(&again).start(&stage).await;
        stage.wait_for_position(0, 200).await;
        running.end().await;
        assert_eq!(again.offsets(), [10, 60, 110, 160]);
    }
}
