//! `rate`: how many messages begin in a time.

use std::time::{Duration, Instant};

use harness::prelude::*;

use crate::running::Running;
use crate::stage::{Journal, Reader, Stage};

both_brokers! {
    /// Messages begin no faster than the rate says, and all are handled.
    async fn messages_begin_no_faster_than_the_rate(broker: &Broker) {
        for order_by in ["partition", "none"] {
            let stage = Stage::new(broker).await;
            stage.produce((0..11).map(|number| number.to_string())).await;
            let journal = Journal::default();
            let reader = Reader::new(&journal, |ctx| {
                assert!(ctx.attempt() == 1);
                Ok(())
            });
            let start = Instant::now();
            let options = format!("rate = \"20/s\"\norder_by = \"{order_by}\"");
            let running = Running::start_reading(stage.app("Reader", &options).consumer(reader)).await;
            stage.wait_for_position(11).await;
            // Not how fast it is, but that it is not faster: ten waits of 50 ms lie between eleven messages.
            assert!(start.elapsed() >= Duration::from_millis(500), "{order_by}: {:?}", start.elapsed());
            running.end().await;
            assert_eq!(journal.entries().len(), 11);
        }
    }

    /// A listener that waits for its rate does not keep the application from ending.
    async fn a_wait_for_the_rate_does_not_hold_up_the_end(broker: &Broker) {
        let stage = Stage::new(broker).await;
        stage.produce(["0", "1", "2"]).await;
        let journal = Journal::default();
        let app = stage.app("Reader", "rate = \"1/1h\"").consumer(Reader::ok(&journal));
        let running = Running::start_reading(app).await;
        wait_until("the first message was handled", async || !journal.entries().is_empty()).await;
        // Fails where the drain's deadline had to cut it short.
        running.end().await;
        assert_eq!(journal.entries(), ["listener 0"]);
        stage.wait_for_position(1).await;
    }
}
