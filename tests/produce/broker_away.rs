//! Brokers that are away, or fail.

use harness::Code;
use harness::prelude::*;
use millstream::SendErrorKind;

use crate::stage::Stage;

/// A short time for every message.
const HASTY: &str = "[kafka.producer.properties]\n\"delivery.timeout.ms\" = 2000";

embedded_broker! {
    async fn a_message_that_no_broker_takes_in_time_may_be_tried_again(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender(HASTY).await;
        sender.producer.send(stage.message().payload("first")).await.unwrap();
        broker.embedded_cluster().broker_down(1).unwrap();
        let error = sender.producer.send(stage.message().payload("late")).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::TimedOut, "{error}");
        assert!(error.is_retriable(), "{error}");
        assert!(error.to_string().contains("delivery.timeout.ms"), "{error}");
        broker.embedded_cluster().broker_up(1).unwrap();
        sender.producer.send(stage.message().payload("again")).await.unwrap();
        sender.end().await;
    }

    async fn an_answer_that_never_came_means_that_the_message_may_be_written(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender(HASTY).await;
        sender.producer.send(stage.message().payload("first")).await.unwrap();
        // The broker has the message; its answer comes long after the message's time.
        broker.embedded_cluster().round_trip(std::time::Duration::from_secs(6)).unwrap();
        let error = sender.producer.send(stage.message().payload("unknown")).await.unwrap_err();
        assert!(error.may_be_written() && error.is_retriable(), "{error:?}");
        broker.embedded_cluster().round_trip(std::time::Duration::ZERO).unwrap();
        drop(sender.handle.shutdown().await);
    }

    async fn a_producer_that_failed_for_good_is_made_anew(broker: &Broker) {
        const PRODUCE: i16 = 0;
        const INVALID_PRODUCER_EPOCH: i32 = 47;
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        sender.producer.send(stage.message().payload("first")).await.unwrap();
        broker.embedded_cluster().push_request_errors(PRODUCE, &[Code::from_number(INVALID_PRODUCER_EPOCH)]);
        let error = sender.producer.send(stage.message().payload("fails")).await.unwrap_err();
        assert!(matches!(error.kind(), SendErrorKind::Fatal | SendErrorKind::Other), "{error:?}");
        sender.producer.send(stage.message().payload("again")).await.unwrap();
        sender.end().await;
    }
}
