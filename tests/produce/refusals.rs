//! What cannot be sent is an error that says why, and whether a retry can help.

use harness::prelude::*;
use millstream::{App, Json, SendErrorKind};

use crate::stage::Stage;

both_brokers! {
    async fn a_message_that_is_too_large_is_refused_and_says_what_to_raise(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let error = sender.producer.send(stage.message().payload(vec![0; 2_000_000])).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::TooLarge);
        assert!(!error.is_retriable() && !error.may_be_written());
        for part in ["2000000 bytes", "message.max.bytes", stage.topic.as_str()] {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
        sender.end().await;
    }

    async fn a_partition_that_is_not_there_is_an_error(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        let sender = stage.sender("").await;
        let error = sender.producer.send(stage.message().partition(9)).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::UnknownPartition);
        assert!(!error.is_retriable() && !error.may_be_written(), "{error}");
        sender.end().await;
    }

    async fn what_is_no_json_is_not_sent(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let keyed_by_lists = std::collections::BTreeMap::from([(vec![1], 2)]);
        let error = sender.producer.send(stage.message().payload(Json(keyed_by_lists))).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Serialization);
        assert!(std::error::Error::source(&error).is_some());
        sender.end().await;
        assert!(broker.read_all(&stage.topic).await.is_empty());
    }

    async fn nothing_is_sent_after_the_application_has_ended(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let producer = sender.producer.clone();
        sender.end().await;
        let error = producer.send(stage.message()).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Closed);
        assert!(!error.may_be_written());
    }

    async fn properties_that_contradict_each_other_are_an_error_of_the_start(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let contradiction = "[kafka.producer.properties]\n\"max.in.flight.requests.per.connection\" = 10\n\"enable.idempotence\" = true";
        let error = stage.app(contradiction).build().unwrap().start().await.unwrap_err();
        assert!(error.to_string().contains("max.in.flight"), "{error}");
    }
}

real_broker! {
    async fn a_message_larger_than_the_topic_takes_is_refused_by_the_broker(broker: &Broker) {
        let stage = Stage { topic: unique("topic"), ..Stage::new(broker, 1).await };
        broker.create_topic_with(&stage.topic, 1, &[("max.message.bytes", "1000")]).await;
        let sender = stage.sender("").await;
        let error = sender.producer.send(stage.message().payload(vec![1; 5000])).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::TooLarge, "{error}");
        assert!(!error.may_be_written());
        sender.end().await;
    }

    async fn a_topic_that_is_not_there_is_an_error(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("[kafka.producer.properties]\n\"topic.metadata.propagation.max.ms\" = 1000").await;
        let message = millstream::OutgoingMessage::new(unique("absent"));
        let error = sender.producer.send(message).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::UnknownTopic, "{error}");
        assert!(!error.is_retriable() && !error.may_be_written());
        sender.end().await;
    }

    async fn a_compacted_topic_takes_no_message_without_a_key(broker: &Broker) {
        let stage = Stage { topic: unique("topic"), ..Stage::new(broker, 1).await };
        broker.create_topic_with(&stage.topic, 1, &[("cleanup.policy", "compact")]).await;
        let sender = stage.sender("").await;
        let error = sender.producer.send(stage.message().payload("x")).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Invalid, "{error}");
        sender.end().await;
    }
}

#[test]
fn fewer_acknowledgements_must_be_asked_for_by_name() {
    let build = |text: &str| {
        App::builder()
            .discover(false)
            .read_files(false)
            .read_environment(false)
            .consumer(crate::stage::Idle)
            .config_text("kafka.brokers = ['a:1']\nkafka.group_id = 'g'")
            .config_text(text)
            .build()
    };
    let error = build("kafka.producer.properties.acks = 1").unwrap_err();
    assert!(error.to_string().contains("accept_loss"), "{error}");
    assert!(build("kafka.producer = { accept_loss = true, properties = { acks = 1 } }").is_ok());
    assert!(build("kafka.producer = { accept_loss = true, properties = { acks = 0 } }").is_err());
    assert!(build("kafka.producer.properties = { 'transactional.id' = 'x' }").is_err());
}
