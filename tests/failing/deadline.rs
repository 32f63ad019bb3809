//! `deadline`.

use harness::prelude::*;
use millstream::Event;

use crate::scene::{Plot, Scene};

both_brokers! {
    /// Retries for ever end with the deadline; what waits longer than it is not begun.
    async fn no_attempt_begins_after_the_deadline(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        broker.create_topic(&scene.dead(), 1).await;
        scene.produce(0, &["poison", "behind"]).await;
        let plot = Plot::failing_at("poison");
        let options = "retries = \"forever\"\ndeadline = \"300ms\"\nretry_topics = [\"1h\"]\nreorder = true\non_failure = \"dead_letter\"";
        let running = scene.start(&plot, options).await;
        running.event("it is dead", |event| matches!(event, Event::DeadLettered { .. })).await;
        scene.wait_for_position(&scene.topic, 0, 2).await;
        running.end().await;
        assert!(plot.attempts("poison").len() > 1, "it was tried again before");
    }
}
