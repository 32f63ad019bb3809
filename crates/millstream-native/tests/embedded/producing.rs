use std::collections::BTreeSet;

use bytes::Bytes;
use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions, EmbeddedRecord};
use millstream_native::{Batch, Code, TimestampKind};

use crate::support::{LIMIT, Member, cluster, fill, record};

/// The protocol's number of the request.
const PRODUCE: i16 = 0;

#[test]
fn key_headers_timestamp_tombstone_and_empty_payload_come_back_as_written() {
    let cluster = cluster(&[("orders", 1)]);
    let headers: [(&str, Option<&[u8]>); 4] =
        [("trace-id", Some(b"t-1")), ("trace-id", Some(b"t-2")), ("empty", Some(b"")), ("null", None)];
    let full = EmbeddedRecord {
        partition: Some(0),
        key: Some(b"k"),
        payload: Some(b"{}"),
        headers: &headers,
        timestamp: Some(1_700_000_000_123),
        ..EmbeddedRecord::to("orders")
    };
    assert_eq!(cluster.produce(&full, LIMIT), Ok((0, 0)));
    let tombstone = EmbeddedRecord { partition: Some(0), key: Some(b"k"), ..EmbeddedRecord::to("orders") };
    assert_eq!(cluster.produce(&tombstone, LIMIT), Ok((0, 1)));
    let empty =
        EmbeddedRecord { partition: Some(0), key: Some(b""), payload: Some(b""), ..EmbeddedRecord::to("orders") };
    assert_eq!(cluster.produce(&empty, LIMIT), Ok((0, 2)));

    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 3);
    let message = batch.get(0).unwrap();
    assert_eq!((message.key(), message.payload()), (Some(&b"k"[..]), Some(&b"{}"[..])));
    assert_eq!(message.headers().collect::<Vec<_>>(), headers);
    assert_eq!(message.headers().value_of("trace-id"), Some(Some(&b"t-2"[..])));
    assert_eq!(message.headers().value_of("null"), Some(None));
    assert_eq!(message.headers().value_of("absent"), None);
    let timestamp = message.timestamp().unwrap();
    assert_eq!((timestamp.kind, timestamp.milliseconds), (TimestampKind::CreateTime, 1_700_000_000_123));
    assert_eq!(message.error(), None);

    let tombstone = batch.get(1).unwrap();
    assert_eq!((tombstone.key(), tombstone.payload()), (Some(&b"k"[..]), None));
    assert_eq!(tombstone.headers().count(), 0);
    let empty = batch.get(2).unwrap();
    assert_eq!((empty.key(), empty.payload()), (Some(&b""[..]), Some(&b""[..])));

    let owned = message.to_owned_parts();
    drop((batch, queues));
    assert_eq!((&*owned.topic, owned.partition, owned.offset), ("orders", 0, 0));
    assert_eq!((owned.key, owned.payload), (Some(Bytes::from_static(b"k")), Some(Bytes::from_static(b"{}"))));
    assert_eq!(owned.headers.len(), 4);
    assert_eq!(owned.headers[3], ("null".to_owned(), None));
    assert_eq!(owned.timestamp, Some(timestamp));
}

#[test]
fn neither_debug_form_shows_payload_key_or_header_values() {
    let cluster = cluster(&[("orders", 1)]);
    let headers: [(&str, Option<&[u8]>); 1] = [("token", Some(b"swordfish"))];
    let secret = EmbeddedRecord {
        key: Some(b"swordfish"),
        payload: Some(b"swordfish"),
        headers: &headers,
        ..record("orders", 0, "")
    };
    cluster.produce(&secret, LIMIT).unwrap();
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 1);
    let message = batch.get(0).unwrap();
    let shown = format!("{batch:?} {message:?} {:?} {:?}", message.headers(), message.to_owned_parts());
    assert!(!shown.contains("swordfish") && !shown.contains("115, 119"), "{shown}");
}

#[test]
fn a_topic_can_be_filled_quickly_and_every_message_is_acknowledged() {
    const COUNT: usize = 20_000;
    let cluster = cluster(&[("orders", 4)]);
    let payload = [b'x'; 100];
    let keys: Vec<String> = (0..COUNT).map(|number| number.to_string()).collect();
    let records = keys.iter().map(|key| EmbeddedRecord {
        key: Some(key.as_bytes()),
        payload: Some(&payload),
        ..EmbeddedRecord::to("orders")
    });
    let places = cluster.produce_all(records, LIMIT).unwrap();
    assert_eq!(places.len(), COUNT);
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), COUNT, "every message has a place of its own");
    assert_eq!(places.iter().map(|(partition, _)| partition).collect::<BTreeSet<_>>().len(), 4);

    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    let mut taken = 0;
    crate::support::until(&member.bell, "everything", || {
        for queue in &queues {
            taken += queue.take(&mut batch, 256);
            batch.clear();
        }
        (taken == COUNT).then_some(())
    });
}

#[test]
fn equal_keys_meet_in_the_partition_that_javas_clients_choose() {
    let cluster = cluster(&[("orders", 10)]);
    let place = |key: &'static str| {
        let keyed = EmbeddedRecord { key: Some(key.as_bytes()), payload: Some(b""), ..EmbeddedRecord::to("orders") };
        cluster.produce(&keyed, LIMIT).unwrap().0
    };
    // murmur2("foobar") is -790332482 in Kafka's own test of its hash; without its sign bit, modulo 10 partitions.
    assert_eq!(place("foobar"), (i32::MAX - 790_332_481) % 10);
    assert_eq!(place("foobar"), place("foobar"));
}

#[test]
fn declared_topics_have_their_partitions_and_created_ones_the_default() {
    let options = EmbeddedOptions { topics: vec![("a".into(), 7), ("b".into(), 0)], default_partitions: 2, brokers: 3 };
    let cluster = EmbeddedCluster::start(options).unwrap();
    cluster.create_topic("c", 0).unwrap();
    assert_eq!(cluster.create_topic("a", 7).unwrap_err().code, Code::TOPIC_ALREADY_EXISTS);
    assert_eq!(cluster.create_topic("d", -1).unwrap_err().code, Code::INVALID_ARGUMENT);
    assert_eq!(cluster.bootstrap().split(',').count(), 3);
    let member = Member::new(&cluster, "readers");
    let metadata = member.client.metadata(Some(&["a", "b", "c"]), LIMIT).unwrap();
    assert_eq!(metadata.topics.iter().map(|topic| topic.partitions.len()).collect::<Vec<_>>(), [7, 2, 2]);
    assert_eq!(metadata.brokers.len(), 3);
}

#[test]
fn a_cluster_without_brokers_is_refused() {
    assert!(EmbeddedCluster::start(EmbeddedOptions { brokers: 0, ..EmbeddedOptions::default() }).is_err());
    assert!(EmbeddedCluster::start(EmbeddedOptions { default_partitions: 0, ..EmbeddedOptions::default() }).is_err());
    let twice = vec![("a".to_owned(), 1), ("a".to_owned(), 1)];
    assert!(EmbeddedCluster::start(EmbeddedOptions { topics: twice, ..EmbeddedOptions::default() }).is_err());
}

#[test]
fn a_refused_message_is_an_error_with_the_brokers_code() {
    let cluster = cluster(&[("orders", 1)]);
    cluster.push_request_errors(PRODUCE, &[Code::MSG_SIZE_TOO_LARGE]);
    let error = cluster.produce(&record("orders", 0, "a"), LIMIT).unwrap_err();
    assert_eq!(error.code, Code::MSG_SIZE_TOO_LARGE);
    cluster.push_request_errors(PRODUCE, &[Code::MSG_SIZE_TOO_LARGE]);
    cluster.clear_request_errors(PRODUCE);
    assert_eq!(cluster.produce(&record("orders", 0, "a"), LIMIT), Ok((0, 0)));
    let unknown = cluster.produce(&record("orders", 9, "a"), LIMIT).unwrap_err();
    assert_eq!(unknown.code, Code::UNKNOWN_PARTITION);
}

#[test]
fn a_broker_can_go_and_come_back_and_keeps_its_messages() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 3);
    cluster.broker_down(1).unwrap();
    let error = cluster.produce(&record("orders", 0, "late"), std::time::Duration::from_millis(200)).unwrap_err();
    assert_eq!(error.code, Code::TIMED_OUT);
    cluster.broker_up(1).unwrap();
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 3);
}

#[test]
fn advertising_an_address_shows_in_metadata_and_leaves_the_bootstrap_alone() {
    let cluster = cluster(&[("orders", 1)]);
    let before = cluster.bootstrap();
    cluster.advertise(1, "localhost", 9999).unwrap();
    assert_eq!(cluster.bootstrap(), before);
    let member = Member::new(&cluster, "readers");
    let brokers = member.client.metadata(None, LIMIT).unwrap().brokers;
    assert_eq!((brokers[0].host.as_str(), brokers[0].port), ("localhost", 9999));
}

#[test]
fn group_coordinator_leader_and_round_trip_can_be_set() {
    let cluster = EmbeddedCluster::start(EmbeddedOptions {
        topics: vec![("orders".into(), 1)],
        brokers: 3,
        ..EmbeddedOptions::default()
    })
    .unwrap();
    cluster.set_coordinator("readers", 2).unwrap();
    cluster.set_leader("orders", 0, Some(3)).unwrap();
    cluster.round_trip(std::time::Duration::from_millis(1)).unwrap();
    fill(&cluster, "orders", 0, 2);
    let member = Member::new(&cluster, "readers");
    let metadata = member.client.metadata(Some(&["orders"]), LIMIT).unwrap();
    assert_eq!(metadata.topics[0].partitions[0].leader, Some(3));
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 2);
}
