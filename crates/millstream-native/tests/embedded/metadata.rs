use std::time::Duration;

use millstream_native::{Client, ClientOptions, Code, CreateError, Event, OffsetSpec};

use crate::support::{Bell, LIMIT, Member, cluster, fill, options};

#[test]
fn metadata_lists_brokers_topics_partitions_and_what_is_missing() {
    let cluster = cluster(&[("orders", 3), ("refunds", 1)]);
    let member = Member::new(&cluster, "readers");
    let metadata = member.client.metadata(Some(&["refunds", "missing", "orders"]), LIMIT).unwrap();
    assert_eq!(metadata.brokers.len(), 1);
    assert_eq!(format!("{}:{}", metadata.brokers[0].host, metadata.brokers[0].port), cluster.bootstrap());
    let names: Vec<_> =
        metadata.topics.iter().map(|topic| (&*topic.name, topic.partitions.len(), topic.error)).collect();
    assert_eq!(names, [("refunds", 1, None), ("missing", 0, Some(Code::UNKNOWN_TOPIC_OR_PART)), ("orders", 3, None)]);
    assert!(metadata.topics[2].partitions.iter().all(|partition| partition.leader == Some(1)));

    let all = member.client.metadata(None, LIMIT).unwrap();
    let mut names: Vec<_> = all.topics.iter().map(|topic| &*topic.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["orders", "refunds"], "asking must not create topics");
}

#[test]
fn many_topics_are_looked_up_together_and_in_the_order_asked() {
    let cluster = cluster(&[("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)]);
    let bell = Bell::default();
    let options = ClientOptions { properties: vec![("bootstrap.servers".into(), cluster.bootstrap())] };
    let client = Client::producer(&options, bell.waker()).unwrap();
    let metadata = client.metadata(Some(&["e", "missing", "a", "d", "c", "b", "a"]), LIMIT).unwrap();
    let counts: Vec<_> = metadata.topics.iter().map(|topic| (&*topic.name, topic.partitions.len())).collect();
    assert_eq!(counts, [("e", 5), ("missing", 0), ("a", 1), ("d", 4), ("c", 3), ("b", 2), ("a", 1)]);
    assert_eq!(client.metadata(None, LIMIT).unwrap().topics.len(), 5, "asking must not create topics");
    assert_eq!(client.metadata(Some(&[]), LIMIT).unwrap().topics.len(), 0);
}

#[test]
fn metadata_of_a_cluster_that_is_away_is_an_error_in_time() {
    let cluster = cluster(&[("orders", 1)]);
    cluster.broker_down(1).unwrap();
    let member = Member::new(&cluster, "readers");
    let error = member.client.metadata(None, Duration::from_millis(200)).unwrap_err();
    assert!(error.retriable, "{error:?}");
    cluster.broker_up(1).unwrap();
    member.client.metadata(None, LIMIT).unwrap();
}

#[test]
fn earliest_and_latest_offsets_are_found_and_a_missing_partition_is_its_own_error() {
    let cluster = cluster(&[("orders", 2)]);
    fill(&cluster, "orders", 1, 7);
    let member = Member::new(&cluster, "readers");
    let wanted = [("orders", 0, OffsetSpec::Latest), ("orders", 1, OffsetSpec::Latest)];
    member.client.offsets(5, &wanted, LIMIT).unwrap();
    let offsets = |member: &Member| {
        member.event("offsets", |event| match event {
            Event::Offsets { request, result } => Some((request, result)),
            _ => None,
        })
    };
    let (request, result) = offsets(&member);
    let mut found: Vec<_> = result.unwrap().iter().map(|answer| (answer.at.partition, answer.result)).collect();
    found.sort_unstable_by_key(|(partition, _)| *partition);
    assert_eq!((request, found), (5, vec![(0, Ok(Some(0))), (1, Ok(Some(7)))]));

    member.client.offsets(6, &[("orders", 1, OffsetSpec::Earliest)], LIMIT).unwrap();
    let (_, result) = offsets(&member);
    assert_eq!(result.unwrap()[0].result, Ok(Some(0)));

    // Beside a partition that exists the error is its own; alone nothing can be asked at all.
    let missing = ("orders", 9, OffsetSpec::Latest);
    member.client.offsets(7, &[("orders", 1, OffsetSpec::Latest), missing], LIMIT).unwrap();
    let (_, result) = offsets(&member);
    let mut found: Vec<_> = result.unwrap().iter().map(|answer| (answer.at.partition, answer.result)).collect();
    found.sort_unstable_by_key(|(partition, _)| *partition);
    assert_eq!(found, [(1, Ok(Some(7))), (9, Err(Code::UNKNOWN_PARTITION))]);
    member.client.offsets(7, &[missing], LIMIT).unwrap();
    assert_eq!(offsets(&member).1.unwrap_err().code, Code::LEADER_NOT_AVAILABLE);

    assert!(member.client.offsets(8, &[("orders", 0, OffsetSpec::Timestamp(-5))], LIMIT).is_err());
    member.client.offsets(9, &[("orders", 1, OffsetSpec::Timestamp(0))], LIMIT).unwrap();
    let (request, _) = offsets(&member);
    assert_eq!(request, 9);
    assert_eq!(member.client.watermarks("orders", 1, LIMIT), Ok((0, 7)));
}

#[test]
fn a_question_to_a_cluster_that_is_away_ends_with_its_timeout() {
    let cluster = cluster(&[("orders", 1)]);
    cluster.broker_down(1).unwrap();
    let member = Member::new(&cluster, "readers");
    member.client.committed(1, "readers", &[("orders", 0)], Duration::from_millis(200)).unwrap();
    member.client.offsets(2, &[("orders", 0, OffsetSpec::Latest)], Duration::from_millis(200)).unwrap();
    let mut answered = Vec::new();
    member.event("both answers", |event| {
        match event {
            Event::CommittedPositions { request, result: Err(error) }
            | Event::Offsets { request, result: Err(error) } => {
                assert!(error.retriable, "{error:?}");
                answered.push(request);
            }
            _ => {}
        }
        (answered.len() == 2).then_some(())
    });
}

#[test]
fn all_bad_properties_are_named_at_once() {
    let cluster = cluster(&[]);
    let options = options(&cluster, "", &[("sesion.timeout.ms", "1"), ("fetch.min.bytes", "-4")]);
    let error = Client::consumer(&options, Bell::default().waker()).unwrap_err();
    let CreateError::Properties(problems) = &error else { panic!("{error:?}") };
    let names: Vec<_> = problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(names, ["sesion.timeout.ms", "fetch.min.bytes", "group.id"]);
    assert!(error.to_string().contains("did you mean \"session.timeout.ms\""), "{error}");
}

#[test]
fn properties_that_do_not_go_together_are_refused_in_librdkafkas_words() {
    let cluster = cluster(&[]);
    let options = options(&cluster, "readers", &[("session.timeout.ms", "6000")]);
    let error = Client::consumer(&options, Bell::default().waker()).unwrap_err();
    assert!(matches!(&error, CreateError::Refused(reason) if reason.contains("session.timeout.ms")), "{error}");
}

#[test]
fn a_broker_that_is_away_is_reported_as_errors_and_log_lines() {
    let cluster = cluster(&[("orders", 1)]);
    cluster.broker_down(1).unwrap();
    let member = Member::new(&cluster, "readers");
    let (mut errors, mut lines) = (0, 0);
    member.event("errors and log lines", |event| {
        match event {
            Event::Error(error) => {
                assert!(!error.fatal && error.retriable, "{error:?}");
                errors += 1;
            }
            Event::Log { message, .. } => {
                assert!(!message.is_empty());
                lines += 1;
            }
            _ => {}
        }
        (errors > 0 && lines > 0).then_some(())
    });
    assert_eq!(member.client.fatal_error(), None);
    assert!(member.client.name().contains("#consumer-"), "{}", member.client.name());
}
