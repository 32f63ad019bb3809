//! A full queue makes senders wait.

use futures_util::future::join_all;
use harness::prelude::*;

use crate::stage::Stage;

/// Room for five messages.
const SMALL: &str = "[kafka.producer.properties]\n\"queue.buffering.max.messages\" = 5";

both_brokers! {
    async fn many_more_messages_than_the_queue_holds_are_all_sent_in_order(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender(SMALL).await;
        let messages = (0..300).map(|number| stage.message().payload(number.to_string()));
        let answers = sender.producer.send_all(messages).await;
        assert!(answers.iter().all(Result::is_ok));
        sender.end().await;
        let received = broker.read_all(&stage.topic).await;
        let texts: Vec<String> = received.iter().map(|record| record.text().to_owned()).collect();
        assert_eq!(texts, (0..300).map(|number| number.to_string()).collect::<Vec<_>>());
    }

    async fn senders_beside_each_other_all_get_room(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender(SMALL).await;
        let sends = (0..200).map(|number| sender.producer.send(stage.message().payload(number.to_string())));
        assert!(join_all(sends).await.iter().all(Result::is_ok));
        sender.end().await;
        assert_eq!(broker.read_all(&stage.topic).await.len(), 200);
    }

    async fn a_message_larger_than_the_whole_queue_does_not_wait_for_ever(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("[kafka.producer.properties]\n\"queue.buffering.max.kbytes\" = 1").await;
        let error = sender.producer.send(stage.message().payload(vec![0; 500_000])).await.unwrap_err();
        assert_eq!(error.kind(), millstream::SendErrorKind::TooLarge);
        sender.end().await;
    }
}

embedded_broker! {
    async fn while_the_queue_is_full_a_send_waits_and_dropping_it_sends_nothing(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender(SMALL).await;
        sender.producer.send(stage.message().payload("first")).await.unwrap();
        broker.embedded_cluster().broker_down(1).unwrap();
        let mut sendings = Vec::new();
        for number in 0..5 {
            sendings.push(sender.producer.enqueue(stage.message().payload(number.to_string())).await.unwrap());
        }
        {
            let mut waiting = Box::pin(sender.producer.send(stage.message().payload("dropped")));
            assert!(futures_util::poll!(&mut waiting).is_pending());
        }
        let mut waiting = Box::pin(sender.producer.send(stage.message().payload("last")));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        broker.embedded_cluster().broker_up(1).unwrap();
        waiting.await.unwrap();
        for sending in sendings {
            sending.delivered().await.unwrap();
        }
        sender.end().await;
        let texts: Vec<String> =
            broker.read_all(&stage.topic).await.iter().map(|record| record.text().to_owned()).collect();
        assert_eq!(texts, ["first", "0", "1", "2", "3", "4", "last"]);
    }
}
