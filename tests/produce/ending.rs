//! What is under way when the application ends.

use harness::prelude::*;
use millstream::RunErrorKind;
use millstream::prelude::*;

use crate::stage::{Sender, Stage};

both_brokers! {
    async fn the_end_waits_for_what_nobody_awaits(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        for number in 0..1000 {
            drop(sender.producer.enqueue(stage.message().payload(number.to_string())).await.unwrap());
        }
        sender.end().await;
        assert_eq!(broker.read_all(&stage.topic).await.len(), 1000);
    }

    async fn hooks_and_components_may_send_from_beginning_to_end(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let (topic, last) = (stage.topic.clone(), stage.topic.clone());
        let app = stage
            .app("")
            .on_start(async move |handle| {
                let producer = handle.component::<Producer>().expect("a producer");
                producer.send(OutgoingMessage::new(topic).payload("start")).await?;
                Ok(())
            })
            .on_stop(async move |handle| {
                let producer = handle.component::<Producer>().expect("a producer");
                producer.send(OutgoingMessage::new(last).payload("stop")).await?;
                Ok(())
            });
        Sender::start(app).await.end().await;
        let texts: Vec<String> =
            broker.read_all(&stage.topic).await.iter().map(|record| record.text().to_owned()).collect();
        assert_eq!(texts, ["start", "stop"]);
    }
}

#[test]
fn what_cannot_be_sent_before_the_end_is_told_by_count_and_topic() {
    harness::run_without_broker(60, async || {
        // The group lives on one node and the topic on the other, so that only sending fails.
        let broker = Broker::embedded_with(2);
        let stage = Stage::new(&broker, 1).await;
        let cluster = broker.embedded_cluster();
        cluster.set_coordinator(&stage.group, 1).unwrap();
        cluster.set_leader(&stage.topic, 0, Some(2)).unwrap();
        let sender = Sender::start(stage.app("").set("kafka.drain_timeout", "1s")).await;
        sender.handle.ready().await.unwrap();
        sender.producer.send(stage.message().payload("first")).await.unwrap();
        cluster.broker_down(2).unwrap();
        for _ in 0..3 {
            drop(sender.producer.enqueue(stage.message().payload("late")).await.unwrap());
        }
        let error = sender.handle.shutdown().await.unwrap_err();
        assert_eq!(error.kind(), RunErrorKind::Unsent, "{error}");
        assert!(error.to_string().contains(&format!("3 messages to topic {}", stage.topic)), "{error}");
        assert_eq!(error.exit_code(), 1);
    });
}
