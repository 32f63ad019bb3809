use millstream_native::{Code, Event, Position};

use crate::support::{LIMIT, Member, cluster, fill};

/// The protocol's number of the request.
const OFFSET_COMMIT: i16 = 8;

fn position(partition: i32, offset: i64) -> Position<'static> {
    Position { topic: "orders", partition, offset, leader_epoch: None, metadata: None }
}

#[test]
fn a_commit_is_answered_for_each_partition_and_read_back_with_its_metadata() {
    let cluster = cluster(&[("orders", 3)]);
    for partition in 0..3 {
        fill(&cluster, "orders", partition, 5);
    }
    let member = Member::new(&cluster, "readers");
    let _queues = member.read_all("orders");
    let positions =
        [position(0, 2), Position { metadata: Some("Q2 + runs: ✓"), leader_epoch: Some(0), ..position(1, 5) }];
    member.client.commit(41, &positions).unwrap();
    let (request, error, answers) = member.event("the commit's answer", |event| match event {
        Event::Committed { request, error, partitions } => Some((request, error, partitions)),
        _ => None,
    });
    assert_eq!((request, error), (41, None));
    let answers: Vec<_> = answers.iter().map(|answer| (answer.at.partition, answer.offset, answer.error)).collect();
    assert_eq!(answers, [(0, 2, None), (1, 5, None)]);

    member.client.committed(u64::MAX, "readers", &[("orders", 0), ("orders", 1), ("orders", 2)], LIMIT).unwrap();
    let (request, found) = member.event("the positions", |event| match event {
        Event::CommittedPositions { request, result } => Some((request, result.unwrap())),
        _ => None,
    });
    assert_eq!(request, u64::MAX);
    let offsets: Vec<_> =
        found.iter().map(|position| (position.at.partition, position.offset, position.error)).collect();
    assert_eq!(offsets, [(0, Some(2), None), (1, Some(5), None), (2, None, None)]);
    assert_eq!(found[1].metadata.as_deref(), Some("Q2 + runs: ✓"));
    assert_eq!(found[0].metadata, None);
}

#[test]
fn a_refused_commit_says_why() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    let _queues = member.read_all("orders");
    cluster.push_request_errors(OFFSET_COMMIT, &[Code::OFFSET_METADATA_TOO_LARGE]);
    member.client.commit(1, &[position(0, 1)]).unwrap();
    let (error, answers) = member.event("the refusal", |event| match event {
        Event::Committed { error, partitions, .. } => Some((error, partitions)),
        _ => None,
    });
    assert_eq!(error, Some(Code::OFFSET_METADATA_TOO_LARGE));
    assert_eq!(answers[0].error, Some(Code::OFFSET_METADATA_TOO_LARGE));
}

#[test]
fn a_commit_without_positions_or_with_a_malformed_topic_is_refused_at_once() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    assert_eq!(member.client.commit(1, &[]).unwrap_err().code, Code::INVALID_ARGUMENT);
    let malformed = Position { topic: "a\0b", ..position(0, 1) };
    assert_eq!(member.client.commit(1, &[malformed]).unwrap_err().code, Code::INVALID_ARGUMENT);
    assert_eq!(member.client.committed(1, "readers", &[], LIMIT).unwrap_err().code, Code::INVALID_ARGUMENT);
    assert_eq!(member.client.offsets(1, &[], LIMIT).unwrap_err().code, Code::INVALID_ARGUMENT);
}
