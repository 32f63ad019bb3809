//! Topics and records.

use harness::prelude::*;

both_brokers! {
    async fn a_record_comes_back_with_key_payload_and_headers(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 3).await;
        let record = Record::to(&topic)
            .partition(2)
            .key("customer")
            .payload("paid")
            .header("trace", "a")
            .header("trace", "b")
            .null_header("empty");

        let delivered = broker.produce(record).await;

        assert_eq!((delivered.partition, delivered.offset), (2, 0));
        let received = broker.read_all(&topic).await;
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].partition, 2);
        assert_eq!(received[0].key.as_deref(), Some("customer".as_bytes()));
        assert_eq!(received[0].text(), "paid");
        let expected = [
            ("trace".to_owned(), Some(b"a".to_vec())),
            ("trace".to_owned(), Some(b"b".to_vec())),
            ("empty".to_owned(), None),
        ];
        assert_eq!(received[0].headers, expected);
    }

    async fn many_records_keep_their_order_in_each_partition(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 2).await;

        let delivered = broker
            .produce_many((0..500).map(|n| Record::to(&topic).partition(n % 2).payload(n.to_string())))
            .await;

        assert_eq!(delivered.len(), 500);
        let received = broker.read_all(&topic).await;
        let numbers = |partition: i32| -> Vec<i32> {
            let of_partition = received.iter().filter(|record| record.partition == partition);
            of_partition.map(|record| record.text().parse().unwrap()).collect()
        };
        assert_eq!(numbers(0), (0..500).step_by(2).collect::<Vec<_>>());
        assert_eq!(numbers(1), (1..500).step_by(2).collect::<Vec<_>>());
    }

    async fn a_tombstone_has_no_payload(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        broker.produce(Record::to(&topic).key("gone")).await;
        assert_eq!(broker.read_all(&topic).await[0].payload, None);
    }
}

real_broker! {
    async fn a_topic_grows_while_it_exists(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        broker.add_partitions(&topic, 4).await;
        assert_eq!(broker.partitions(&topic).await, 4);
        assert_eq!(broker.produce(Record::to(&topic).partition(3).payload("x")).await.partition, 3);
    }

    async fn deleted_records_are_gone_and_the_partition_begins_later(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        broker.produce_many((0..10).map(|n| Record::to(&topic).payload(n.to_string()))).await;

        broker.delete_records(&topic, 0, 7).await;

        assert_eq!(broker.watermarks(&topic, 0).await, (7, 10));
        assert_eq!(broker.read_all(&topic).await.len(), 3);
    }

    async fn a_topic_is_made_with_settings_that_kafka_itself_confirms(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic_with(&topic, 1, &[("retention.ms", "123456")]).await;
        let text = broker
            .kafka_tool("configs", &["--describe", "--entity-type", "topics", "--entity-name", &topic])
            .await;
        assert!(text.contains("retention.ms=123456"), "{text}");
    }
}

embedded_broker! {
    async fn a_topic_that_exists_is_a_failure(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        assert!(broker.embedded_cluster().create_topic(&topic, 1).is_err());
    }

    async fn a_record_arrives_although_its_requests_failed_first(broker: &Broker) {
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        let produce = 0;
        broker.embedded_cluster().push_request_errors(produce, &[harness::Code::NOT_LEADER_FOR_PARTITION; 2]);
        assert_eq!(broker.produce(Record::to(&topic).payload("x")).await.offset, 0);
    }
}
