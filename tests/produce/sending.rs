//! What is sent arrives as it was, and the sender is told where.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use harness::prelude::*;
use millstream::trace::{self, TraceContext, TraceParent};
use millstream::{Bytes, Json};

use crate::stage::Stage;

both_brokers! {
    async fn a_send_is_answered_with_where_the_message_stands(broker: &Broker) {
        let stage = Stage::new(broker, 3).await;
        let sender = stage.sender("").await;
        for offset in 0..3 {
            let delivery = sender.producer.send(stage.message().partition(2).payload("x")).await.unwrap();
            assert_eq!((&*delivery.topic, delivery.partition, delivery.offset), (stage.topic.as_str(), 2, offset));
            assert!(delivery.timestamp.is_some());
        }
        sender.end().await;
        assert_eq!(broker.read_all(&stage.topic).await.len(), 3);
    }

    async fn key_headers_null_payload_and_timestamp_arrive_as_they_were(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        // Not so old that the topic's retention removes it before it is read.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let timestamp = i64::try_from(now.as_millis()).unwrap() - 60_000;
        let full = stage
            .message()
            .key("k")
            .payload(Json([1, 2]))
            .header("a", "1")
            .header("a", None::<&str>)
            .header("b", Bytes::from_static(b"\xff"))
            .timestamp(timestamp);
        sender.producer.send(full).await.unwrap();
        sender.producer.send(stage.message().key("k").tombstone()).await.unwrap();
        sender.producer.send(stage.message().payload("")).await.unwrap();
        sender.end().await;
        let received = broker.read_all(&stage.topic).await;
        assert_eq!(received[0].key.as_deref(), Some(&b"k"[..]));
        assert_eq!(received[0].text(), "[1,2]");
        assert_eq!(
            received[0].headers,
            [
                ("a".to_owned(), Some(b"1".to_vec())),
                ("a".to_owned(), None),
                ("b".to_owned(), Some(b"\xff".to_vec()))
            ]
        );
        assert_eq!(received[0].timestamp, Some(timestamp));
        assert_eq!((received[1].key.as_deref(), received[1].payload.as_deref()), (Some(&b"k"[..]), None));
        assert_eq!((received[2].key.as_deref(), received[2].payload.as_deref()), (None, Some(&b""[..])));
    }

    async fn messages_sent_together_keep_their_order_and_are_answered_in_it(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        let sender = stage.sender("").await;
        let messages = (0..500).map(|number| stage.message().partition(number % 2).payload(number.to_string()));
        let answers = sender.producer.send_all(messages).await;
        sender.end().await;
        assert_eq!(answers.len(), 500);
        for (number, answer) in (0_i32..).zip(answers) {
            let delivery = answer.unwrap();
            assert_eq!((delivery.partition, delivery.offset), (number % 2, i64::from(number / 2)));
        }
    }

    async fn one_that_fails_among_many_fails_alone(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let messages = [stage.message(), stage.message().partition(9), stage.message()];
        let answers = sender.producer.send_all(messages).await;
        sender.end().await;
        assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    }

    async fn the_trace_of_the_task_travels_in_the_headers(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let parent = TraceParent::random(true);
        trace::scope(TraceContext::new(parent), sender.producer.send(stage.message().payload("x"))).await.unwrap();
        sender.end().await;
        let received = broker.read_all(&stage.topic).await;
        let (name, value) = received[0].headers[0].clone();
        assert_eq!(name, "traceparent");
        let sent: TraceParent = String::from_utf8(value.unwrap()).unwrap().parse().unwrap();
        assert_eq!(sent.trace_id(), parent.trace_id());
        assert_ne!(sent.parent_id(), parent.parent_id());
    }

    async fn a_topic_says_how_many_partitions_it_has(broker: &Broker) {
        let stage = Stage::new(broker, 5).await;
        let sender = stage.sender("").await;
        for _ in 0..2 {
            assert_eq!(sender.producer.partition_count(&stage.topic).await.unwrap(), 5);
        }
        sender.end().await;
    }

    async fn a_flush_waits_for_what_was_enqueued(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        for number in 0..100 {
            // Whoever drops what enqueueing returns does not take the message back.
            drop(sender.producer.enqueue(stage.message().payload(number.to_string())).await.unwrap());
        }
        sender.producer.flush(Duration::from_secs(30)).await.unwrap();
        assert_eq!(broker.read_all(&stage.topic).await.len(), 100);
        sender.end().await;
    }
}

real_broker! {
    async fn a_topic_that_is_not_there_has_no_partitions(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let error = sender.producer.partition_count(&unique("absent")).await.unwrap_err();
        assert_eq!(error.kind(), millstream::SendErrorKind::UnknownTopic);
        sender.end().await;
    }
}
