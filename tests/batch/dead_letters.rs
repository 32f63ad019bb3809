//! One message of a batch that goes to another topic.

use harness::prelude::*;

use crate::script::{Act, Fives, Script, bind};
use crate::stage::Stage;

both_brokers! {
    /// It alone is written there; the others of its batch are handled.
    async fn one_message_of_a_batch_becomes_a_dead_letter(broker: &Broker) {
        for order_by in ["partition", "none"] {
            let stage = Stage::new(broker, 1).await;
            let dead = format!("{}-dead", stage.topic);
            broker.create_topic(&dead, 1).await;
            stage.produce(0, 5).await;
            let script = Script::new(|call| call.index_of(2).map_or(Act::Done, Act::FailedAt));
            let options = format!(
                "order_by = \"{order_by}\"\nretries = 0\non_failure = \"dead_letter\"\ndead_letter = {{ topic = \"{dead}\" }}"
            );
            let running = stage.start(bind(&stage, Fives(script.clone()), "Fives", &options)).await;
            stage.wait_for_position(0, 5).await;
            running.end().await;
            assert_eq!(broker.watermarks(&dead, 0).await.1, 1, "{order_by}");
        }
    }
}
