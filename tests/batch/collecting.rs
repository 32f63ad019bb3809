//! When a batch is handed over.

use harness::prelude::*;

use crate::script::{Bytes, Enough, Few, Fives, Many, Script, bind};
use crate::stage::Stage;

both_brokers! {
    /// As soon as it has `max` messages, and otherwise when `wait` is over.
    async fn a_batch_goes_when_it_is_full_and_the_rest_when_the_wait_is_over(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 12).await;
        let script = Script::done();
        let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", "")).await;
        stage.wait_for_position(0, 12).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0, 1, 2, 3, 4], vec![5, 6, 7, 8, 9], vec![10, 11]]);
    }

    /// A message that would make it larger than `bytes` begins the next one, and one that is larger alone goes alone.
    async fn a_batch_holds_no_more_bytes_than_it_may(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sizes = [400, 400, 400, 2000, 400];
        broker.produce_many(sizes.map(|size| Record::to(&stage.topic).partition(0).payload("x".repeat(size)))).await;
        let script = Script::done();
        let running = stage.start(bind(&stage, Bytes(script.clone()), "Bytes", "")).await;
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0, 1], vec![2], vec![3], vec![4]]);
    }

    /// With `min` messages and no more there it does not wait for the end of its hour.
    async fn with_a_least_number_enough_messages_go_at_once(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let script = Script::done();
        let running = stage.start(bind(&stage, Enough(script.clone()), "Enough", "")).await;
        stage.wait_for_position(0, 3).await;
        running.end().await;
        assert_eq!(script.batches(), [vec![0, 1, 2]]);
    }

    /// When the wait is over fewer than `min` go too: no message is held for ever.
    async fn fewer_than_the_least_number_go_when_the_wait_is_over(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 2).await;
        let script = Script::done();
        let running = stage.start(bind(&stage, Few(script.clone()), "Few", "")).await;
        stage.wait_for_position(0, 2).await;
        running.end().await;
        assert_eq!(script.count(), 2);
    }

    /// Batches that take several pulls, of several partitions: every message once, each partition in its order.
    async fn every_message_comes_once_and_in_the_order_of_its_partition(broker: &Broker) {
        let stage = Stage::new(broker, 4).await;
        for partition in 0..4 {
            stage.produce(partition, 1000).await;
        }
        let script = Script::done();
        let running = stage.start(bind(&stage, Many(script.clone()), "Many", "")).await;
        for partition in 0..4 {
            stage.wait_for_position(partition, 1000).await;
        }
        running.end().await;
        let calls = script.calls();
        assert!(calls.iter().all(|call| call.messages.len() <= 50));
        assert!(calls.iter().all(|call| call.messages.iter().all(|(partition, _)| *partition == call.messages[0].0)));
        for partition in 0..4 {
            let messages = calls.iter().flat_map(|call| call.messages.iter());
            let offsets: Vec<_> = messages.filter(|(other, _)| *other == partition).map(|(_, offset)| *offset).collect();
            assert_eq!(offsets, (0..1000).collect::<Vec<_>>());
        }
    }
}
