use super::*;
use crate::context::Carried;
use crate::context::{Attributes, CommitErrorKind};
use crate::engine::failing::guard::Guard;
use crate::engine::inbox::{Inbox, SubscriptionPort};
use crate::engine::lane::{LaneFacts, Port};
use crate::engine::metadata::PositionMetadata;

const INTERVAL: Duration = Duration::from_secs(1);

struct Bench {
    committer: Committer,
    now: Instant,
}

fn lane(listener: &str, partition: i32, position: i64) -> Arc<Lane> {
    let facts = LaneFacts {
        cluster: "default".into(),
        group_id: "group".into(),
        listener: listener.into(),
        topic: "orders".into(),
        partition,
        attributes: Arc::new(Attributes::new()),
    };
    let port = SubscriptionPort::new(Arc::new(Inbox::default()), 0);
    let lane = Arc::new(Lane::new(facts, Port::Live(port)));
    lane.frontier.jump(position);
    lane
}

fn key(partition: i32) -> Key {
    ("orders".into(), partition)
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        Self { committer: Committer::new(INTERVAL, now), now }
    }

    /// Partitions that the broker holds position 10 of.
    fn with(lanes: &[&Arc<Lane>]) -> Self {
        let mut bench = Self::new();
        for lane in lanes {
            let held = Some((10, PositionMetadata { partitions: Some(8), ..PositionMetadata::default() }.write()));
            bench.committer.add(key(lane.partition), vec![Arc::clone(lane)], 8, held);
        }
        bench
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
    }

    /// What is sent now: partition and offset.
    fn sent(&mut self) -> Option<(u64, Vec<(i32, i64)>)> {
        let (request, sent) = self.committer.request(self.now)?;
        Some((request, sent.into_iter().map(|sent| (sent.key.1, sent.offset)).collect()))
    }

    fn answer(&mut self, request: u64, errors: &[(i32, Option<Code>)]) -> Vec<Effect> {
        let answers: Vec<_> =
            errors.iter().map(|(partition, error)| Answered { key: key(*partition), error: *error }).collect();
        let error = errors.iter().find_map(|(_, error)| *error);
        self.committer.answered(request, error, &answers, self.now)
    }

    fn awaiting(&mut self, lane: &Arc<Lane>) -> oneshot::Receiver<CommitAnswer> {
        let (sender, receiver) = oneshot::channel();
        let ticket = Ticket { number: lane.changes(), message: None };
        self.committer.await_answer(Arc::clone(lane), ticket, sender);
        receiver
    }
}

#[test]
fn positions_go_at_the_interval_or_when_somebody_asks_one_request_at_a_time() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    one.frontier.set(12);
    assert_eq!(bench.sent(), None, "not yet");
    bench.wait(INTERVAL);
    let (request, sent) = bench.sent().unwrap();
    assert_eq!(sent, [(0, 12)]);
    one.frontier.set(15);
    bench.committer.want();
    assert_eq!(bench.sent(), None, "one is under way");
    bench.answer(request, &[(0, None)]);
    assert_eq!(bench.sent().unwrap().1, [(0, 15)]);
}

#[test]
fn nothing_is_sent_for_a_position_that_the_broker_holds() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    bench.committer.want();
    assert_eq!(bench.sent(), None);
}

#[test]
fn a_position_that_moved_back_is_sent_too() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    one.frontier.set(4);
    bench.committer.want();
    assert_eq!(bench.sent().unwrap().1, [(0, 4)]);
}

#[test]
fn a_start_that_we_resolved_is_sent_at_once_and_opens_the_partition() {
    let one = lane("A.a", 0, 100);
    let mut bench = Bench::new();
    bench.committer.add(key(0), vec![Arc::clone(&one)], 8, None);
    let (request, sent) = bench.sent().unwrap();
    assert_eq!(sent, [(0, 100)]);
    assert_eq!(bench.answer(request, &[(0, None)]), [Effect::Opened(key(0))]);
}

#[test]
fn a_partition_that_comes_back_with_our_own_mark_is_open_at_once() {
    let guarded = || {
        let mut lane = Arc::into_inner(lane("A.a", 0, 10)).unwrap();
        lane.guard = Guard::at_assignment(None, 10, 100, 3).map(Arc::new);
        Arc::new(lane)
    };
    let mut bench = Bench::new();
    bench.committer.add(key(0), vec![guarded()], 8, Some((10, String::new())));
    assert!(bench.committer.is_opening(&key(0)));
    let (request, sent) = bench.committer.request(bench.now).unwrap();
    assert_eq!(bench.answer(request, &[(0, None)]), [Effect::Opened(key(0))]);
    // Lost and given to us again, nothing was cleared.
    bench.committer.remove(&key(0));
    bench.committer.add(key(0), vec![guarded()], 8, Some((10, sent[0].metadata.clone())));
    assert!(!bench.committer.is_opening(&key(0)), "nothing would be sent, so that nothing would open it");
}

#[test]
fn the_position_is_the_lowest_and_the_metadata_says_who_is_ahead() {
    let slow = lane("A.slow", 0, 10);
    let fast = lane("B.fast", 0, 10);
    let mut bench = Bench::new();
    bench.committer.add(key(0), vec![Arc::clone(&slow), Arc::clone(&fast)], 8, Some((10, String::new())));
    drop(fast.commit(fast.epoch(), 30));
    let mut answer = bench.awaiting(&fast);
    let (request, sent) = bench.committer.request(bench.now).unwrap();
    assert_eq!(sent[0].offset, 10);
    let metadata = PositionMetadata::read(&sent[0].metadata);
    assert_eq!(metadata.ahead_of("B.fast").map(|ahead| ahead.by), Some(20));
    bench.answer(request, &[(0, None)]);
    let receipt = answer.try_recv().unwrap().unwrap();
    assert_eq!((receipt.position, receipt.carried), (10, Carried::Metadata), "it does not wait for the slow one");
}

#[test]
fn an_awaited_commit_is_answered_by_the_first_request_that_carries_it() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    drop(one.commit(one.epoch(), 11));
    bench.committer.want();
    let (early, _) = bench.sent().unwrap();
    drop(one.commit(one.epoch(), 12));
    let mut answer = bench.awaiting(&one);
    bench.answer(early, &[(0, None)]);
    assert!(answer.try_recv().is_err(), "the request under way did not carry it");
    let (request, sent) = bench.sent().unwrap();
    assert_eq!(sent, [(0, 12)]);
    bench.answer(request, &[(0, None)]);
    assert_eq!(answer.try_recv().unwrap().unwrap().position, 12);
}

#[test]
fn a_list_that_is_refused_is_repeated_one_by_one_before_anybody_is_answered() {
    let (one, two) = (lane("A.a", 0, 10), lane("A.a", 1, 10));
    let mut bench = Bench::with(&[&one, &two]);
    drop(one.commit(one.epoch(), 11));
    drop(two.commit(two.epoch(), 11));
    let (mut first, mut second) = (bench.awaiting(&one), bench.awaiting(&two));
    let (request, sent) = bench.sent().unwrap();
    assert_eq!(sent, [(0, 11), (1, 11)]);
    // librdkafka reports the one error for both.
    let refused = Some(Code::TOPIC_AUTHORIZATION_FAILED);
    bench.answer(request, &[(0, refused), (1, refused)]);
    assert!(first.try_recv().is_err() && second.try_recv().is_err());
    let (request, sent) = bench.sent().unwrap();
    assert_eq!(sent, [(0, 11)]);
    bench.answer(request, &[(0, None)]);
    assert_eq!(first.try_recv().unwrap().unwrap().position, 11);
    let (request, sent) = bench.sent().unwrap();
    assert_eq!(sent, [(1, 11)]);
    let effects = bench.answer(request, &[(1, refused)]);
    assert!(matches!(&effects[..], [Effect::Refused(refused, _)] if *refused == key(1)));
    assert_eq!(second.try_recv().unwrap().unwrap_err().kind(), CommitErrorKind::Broker);
}

#[test]
fn a_commit_that_is_awaited_after_the_broker_refused_it_is_answered_with_the_refusal() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    drop(one.commit(one.epoch(), 11));
    bench.committer.want();
    let (request, _) = bench.sent().unwrap();
    bench.answer(request, &[(0, Some(Code::TOPIC_AUTHORIZATION_FAILED))]);
    assert_eq!(bench.awaiting(&one).try_recv().unwrap().unwrap_err().kind(), CommitErrorKind::Broker);
}

#[test]
fn one_refused_list_waits_once_however_many_partitions_it_had() {
    let lanes: Vec<_> = (0..8).map(|partition| lane("A.a", partition, 10)).collect();
    let mut bench = Bench::with(&lanes.iter().collect::<Vec<_>>());
    for lane in &lanes {
        lane.frontier.set(11);
    }
    bench.committer.want();
    let (request, _) = bench.sent().unwrap();
    let errors: Vec<_> = (0..8).map(|partition| (partition, Some(Code::REBALANCE_IN_PROGRESS))).collect();
    bench.answer(request, &errors);
    bench.wait(Duration::from_millis(60));
    assert_eq!(bench.sent().unwrap().1.len(), 8);
}

#[test]
fn what_a_rebalance_refuses_is_repeated_after_a_while() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    drop(one.commit(one.epoch(), 11));
    let mut answer = bench.awaiting(&one);
    for code in [Code::REBALANCE_IN_PROGRESS, Code::ILLEGAL_GENERATION, Code::STALE_MEMBER_EPOCH, Code::NOT_COORDINATOR]
    {
        let (request, _) = bench.sent().unwrap();
        bench.answer(request, &[(0, Some(code))]);
        assert_eq!(bench.sent(), None, "not at once after {code:?}");
        assert!(answer.try_recv().is_err());
        bench.wait(Duration::from_secs(3));
    }
    let (request, _) = bench.sent().unwrap();
    bench.answer(request, &[(0, None)]);
    assert!(answer.try_recv().unwrap().is_ok());
}

#[test]
fn metadata_that_is_too_large_is_left_out_and_the_position_sent_again_at_once() {
    let slow = lane("A.slow", 0, 10);
    let fast = lane("B.fast", 0, 10);
    let mut bench = Bench::new();
    bench.committer.add(key(0), vec![slow, Arc::clone(&fast)], 8, Some((10, String::new())));
    drop(fast.commit(fast.epoch(), 30));
    let mut answer = bench.awaiting(&fast);
    let (request, _) = bench.sent().unwrap();
    bench.answer(request, &[(0, Some(Code::OFFSET_METADATA_TOO_LARGE))]);
    let (request, sent) = bench.committer.request(bench.now).unwrap();
    assert_eq!(PositionMetadata::read(&sent[0].metadata).ahead, []);
    bench.answer(request, &[(0, None)]);
    assert_eq!(answer.try_recv().unwrap().unwrap().carried, Carried::Memory);
}

#[test]
fn a_revoke_releases_whoever_waits_and_what_comes_later_is_refused() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    drop(one.commit(one.epoch(), 11));
    let mut answer = bench.awaiting(&one);
    bench.committer.release(&key(0));
    assert_eq!(answer.try_recv().unwrap().unwrap_err().kind(), CommitErrorKind::Revoked);
    bench.committer.remove(&key(0));
    one.revoke();
    assert_eq!(bench.awaiting(&one).try_recv().unwrap().unwrap_err().kind(), CommitErrorKind::Revoked);
    bench.committer.want();
    assert_eq!(bench.sent(), None, "nothing of it is sent any more");
}

#[test]
fn an_answer_meant_for_an_earlier_assignment_does_not_open_the_next_one() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    one.frontier.set(11);
    bench.committer.want();
    let (request, _) = bench.sent().unwrap();
    bench.committer.remove(&key(0));
    let again = lane("A.a", 0, 500);
    bench.committer.add(key(0), vec![again], 8, None);
    assert_eq!(bench.answer(request, &[(0, None)]), []);
    assert_eq!(bench.sent().unwrap().1, [(0, 500)], "the start is still to be sent");
}

#[test]
fn an_answer_to_an_older_request_changes_nothing() {
    let one = lane("A.a", 0, 10);
    let mut bench = Bench::with(&[&one]);
    one.frontier.set(11);
    bench.committer.want();
    let (request, _) = bench.sent().unwrap();
    assert_eq!(bench.answer(request + 7, &[(0, None)]), []);
    assert!(bench.committer.is_busy());
}
