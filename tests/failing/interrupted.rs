//! Ends and rebalances in the middle of a failure.

use harness::prelude::*;
use millstream::PartitionState;

use crate::scene::{Plot, Scene};

both_brokers! {
    async fn an_end_in_the_middle_of_a_backoff_is_at_once_and_the_message_comes_again(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.produce(0, &["before", "poison", "behind"]).await;
        let plot = Plot::failing_at("poison");
        let options = "retries = \"forever\"\nbackoff = { initial = \"1h\", max = \"1h\" }";
        let running = scene.start(&plot, options).await;
        wait_until("it waits for its retry", async || {
            matches!(running.state(&scene.topic, 0), Some(PartitionState::Retrying { offset: 1, .. }))
        })
        .await;
        running.end().await;
        assert_eq!(scene.position(&scene.topic, 0).await, Some(1));
        let healed = Plot::ok();
        let running = scene.start(&healed, "").await;
        scene.wait_for_position(&scene.topic, 0, 3).await;
        running.end().await;
        assert_eq!(healed.payloads(), ["poison", "behind"]);
    }

    async fn a_rebalance_in_the_middle_of_a_retry_takes_the_message_along(broker: &Broker) {
        let scene = Scene::new(broker, 2).await;
        scene.produce(0, &["poison", "behind"]).await;
        scene.produce(1, &["poison", "behind"]).await;
        let (first, second) = (Plot::failing_at("poison"), Plot::ok());
        let options = "retries = \"forever\"\nbackoff = { initial = \"1h\", max = \"1h\" }";
        let one = scene.start(&first, options).await;
        wait_until("both wait for their retries", async || first.attempts("poison") == [1, 1]).await;
        let two = scene.start(&second, options).await;
        wait_until("the other member has handled a partition", async || {
            second.payloads() == ["poison", "behind"]
        })
        .await;
        one.end().await;
        wait_until("it has handled both", async || second.calls().len() == 4).await;
        two.end().await;
        assert_eq!(first.payloads(), ["poison", "poison"]);
    }
}
