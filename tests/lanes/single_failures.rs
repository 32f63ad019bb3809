//! A panic and a timeout are failures of one message.

use std::future::pending;

use harness::prelude::*;

use crate::hands::auto;
use crate::stage::Stage;
use crate::witness::Witness;

async fn fails_once(broker: &Broker, order_by: &str, panics: bool) {
    let stage = Stage::new(broker, 1).await;
    stage.produce_keys(0, (0..100).map(|number| format!("key {}", number % 10))).await;
    let witness = Witness::default();
    let options = format!("order_by = {order_by:?}\ntimeout = \"2s\"\nretries = 1");
    let running = auto(&options).seen_by(&witness).behaves(move |ctx| {
        let fails = ctx.offset() % 25 == 7 && ctx.attempt() == 1;
        Box::pin(async move {
            tokio::task::yield_now().await;
            assert!(!(fails && panics), "as the test wants it");
            if fails {
                pending::<()>().await;
            }
            Ok(())
        })
    });
    let running = running.start(&stage).await;
    stage.wait_for_position(0, 100).await;
    running.end().await;
    if order_by == "key" {
        witness.assert_order_by_key();
    }
    for offset in 0..100 {
        assert_eq!(witness.times(offset), if offset % 25 == 7 { 2 } else { 1 }, "offset {offset}");
    }
}

both_brokers! {
    async fn a_panic_fails_its_own_message_only(broker: &Broker) {
        fails_once(broker, "key", true).await;
        fails_once(broker, "none", true).await;
    }

    async fn a_timeout_fails_its_own_message_only(broker: &Broker) {
        fails_once(broker, "key", false).await;
        fails_once(broker, "none", false).await;
    }
}
