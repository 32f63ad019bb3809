use std::collections::BTreeMap;
use std::time::Duration;

use millstream_native::embedded::EmbeddedCluster;
use millstream_native::{Batch, Client, ClientOptions, Code, DeliveryReport, Event, Persisted, Record};

use crate::support::{Bell, Member, cluster, until};

/// The protocol's number of the request.
const PRODUCE: i16 = 0;

struct Writer {
    client: Client,
    bell: Bell,
}

impl Writer {
    fn new(cluster: &EmbeddedCluster, more: &[(&str, &str)]) -> Writer {
        let bootstrap = cluster.bootstrap();
        let common = [
            ("bootstrap.servers", bootstrap.as_str()),
            ("enable.idempotence", "true"),
            ("linger.ms", "0"),
            ("reconnect.backoff.max.ms", "300"),
        ];
        let properties =
            common.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let bell = Bell::default();
        let client = Client::producer(&ClientOptions { properties }, bell.waker()).unwrap();
        Writer { client, bell }
    }

    /// The reports of this many messages, by ticket.
    fn reports(&self, count: usize) -> BTreeMap<u64, DeliveryReport> {
        let mut reports = BTreeMap::new();
        until(&self.bell, "reports", || {
            while let Some(event) = self.client.poll() {
                if let Event::Delivered(more) = event {
                    reports.extend(more.into_iter().map(|report| (report.ticket, report)));
                }
            }
            (reports.len() >= count).then_some(())
        });
        reports
    }
}

fn record(payload: &[u8]) -> Record<'_> {
    Record { partition: Some(0), payload: Some(payload), ..Record::to("orders") }
}

#[test]
fn each_ticket_is_reported_once_with_the_place_of_its_message() {
    let cluster = cluster(&[("orders", 1)]);
    let writer = Writer::new(&cluster, &[]);
    for ticket in [u64::MAX, 7, 1] {
        writer.client.produce(&record(b"x"), ticket).unwrap();
    }
    let reports = writer.reports(3);
    assert_eq!(reports.keys().copied().collect::<Vec<_>>(), [1, 7, u64::MAX]);
    assert_eq!(reports[&u64::MAX].offset, Some(0));
    assert_eq!(reports[&1].offset, Some(2));
    assert!(reports.values().all(|report| report.partition == 0 && report.persisted == Persisted::Yes));
    assert!(reports.values().all(|report| report.error.is_none() && report.timestamp.is_some()));
}

#[test]
fn key_headers_null_payload_and_timestamp_arrive() {
    let cluster = cluster(&[("orders", 1)]);
    let writer = Writer::new(&cluster, &[]);
    let headers: [(&str, Option<&[u8]>); 2] = [("a", Some(b"1")), ("a", None)];
    let record =
        Record { key: Some(b"k"), payload: None, headers: &headers, timestamp: Some(1_700_000_000_123), ..record(b"") };
    writer.client.produce(&record, 1).unwrap();
    writer.reports(1);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 1);
    let message = batch.get(0).unwrap();
    assert_eq!((message.key(), message.payload()), (Some(&b"k"[..]), None));
    assert_eq!(message.headers().collect::<Vec<_>>(), headers);
    assert_eq!(message.timestamp().map(|timestamp| timestamp.milliseconds), Some(1_700_000_000_123));
}

#[test]
fn a_full_queue_is_an_error_until_reports_make_room() {
    let cluster = cluster(&[("orders", 1)]);
    let writer = Writer::new(&cluster, &[("queue.buffering.max.messages", "2"), ("linger.ms", "50")]);
    writer.client.produce(&record(b"a"), 1).unwrap();
    writer.client.produce(&record(b"b"), 2).unwrap();
    assert_eq!(writer.client.produce(&record(b"c"), 3).unwrap_err().code, Code::QUEUE_FULL);
    assert_eq!(writer.reports(2).len(), 2);
    writer.client.produce(&record(b"c"), 3).unwrap();
    assert_eq!(writer.reports(1)[&3].offset, Some(2));
}

#[test]
fn what_cannot_be_written_is_refused_at_once_or_reported_with_its_code() {
    let cluster = cluster(&[("orders", 1)]);
    let writer = Writer::new(&cluster, &[("message.max.bytes", "1000")]);
    let error = writer.client.produce(&record(&[0; 2000]), 1).unwrap_err();
    assert_eq!(error.code, Code::MSG_SIZE_TOO_LARGE);
    assert_eq!(writer.client.produce(&Record::to("or\0ders"), 1).unwrap_err().code, Code::INVALID_ARGUMENT);
    cluster.push_request_errors(PRODUCE, &[Code::TOPIC_AUTHORIZATION_FAILED]);
    writer.client.produce(&record(b"secret"), 2).unwrap();
    let report = writer.reports(1).remove(&2).unwrap();
    let error = report.error.unwrap();
    assert_eq!(error.code, Code::TOPIC_AUTHORIZATION_FAILED);
    assert_eq!(error.reason, error.code.to_string(), "and nothing of the message");
    assert_eq!((report.offset, report.persisted), (None, Persisted::No));
}

#[test]
fn purging_reports_what_was_given_up() {
    let cluster = cluster(&[("orders", 1)]);
    let writer = Writer::new(&cluster, &[]);
    cluster.broker_down(1).unwrap();
    writer.client.produce(&record(b"x"), 1).unwrap();
    writer.client.purge();
    let report = writer.reports(1).remove(&1).unwrap();
    let code = report.error.unwrap().code;
    assert!([Code::PURGE_QUEUE, Code::PURGE_INFLIGHT].contains(&code), "{code:?}");
    assert_eq!(writer.client.queued(), 0);
}

#[test]
fn a_message_that_meets_no_broker_in_time_says_that_it_may_be_tried_again() {
    let cluster = cluster(&[("orders", 1)]);
    let writer = Writer::new(&cluster, &[("message.timeout.ms", "1000")]);
    cluster.broker_down(1).unwrap();
    writer.client.produce(&record(b"x"), 1).unwrap();
    let error = writer.reports(1).remove(&1).unwrap().error.unwrap();
    assert_eq!(error.code, Code::MSG_TIMED_OUT);
    assert!(error.retriable && !error.fatal);
}

#[test]
fn a_group_member_cannot_write() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    assert_eq!(member.client.produce(&record(b"x"), 1).unwrap_err().code, Code::INVALID_ARGUMENT);
}

#[test]
fn a_client_may_be_dropped_with_messages_under_way() {
    let cluster = cluster(&[("orders", 1)]);
    let writer = Writer::new(&cluster, &[]);
    cluster.round_trip(Duration::from_millis(500)).unwrap();
    for ticket in 0..100 {
        writer.client.produce(&record(b"x"), ticket).unwrap();
    }
    let Writer { client, .. } = writer;
    client.destroy().unwrap();
}
