use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use millstream_native::{Batch, Event, OffsetSpec, Position};

use crate::support::{LIMIT, Member, cluster, fill, until};

/// Runs on a thread of its own and fails, rather than hangs, when it does not end.
fn ends(what: &str, run: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        run();
        let _ = done.send(());
    });
    match ended.recv_timeout(LIMIT) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{what}: not ended within {LIMIT:?}"),
        _ => thread.join().unwrap(),
    }
}

#[test]
fn a_message_outlives_its_client_and_queue_and_can_still_be_read() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 2);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 2);
    drop(queues);
    let client = member.client.destroy().expect_err("the batch holds the client");
    drop(client);
    assert_eq!(batch.get(1).unwrap().payload(), Some(&b"1"[..]));
    ends("freeing the last message", move || drop(batch));
}

#[test]
fn a_client_that_nobody_else_holds_is_destroyed_on_the_calling_thread() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let client = member.client.clone();
    let client = client.destroy().expect_err("the member and its queues hold it");
    drop((queues, member));
    ends("destroying", move || client.destroy().expect("nobody holds it"));
}

#[test]
fn a_client_can_go_while_a_rebalance_is_unanswered() {
    let cluster = cluster(&[("orders", 4)]);
    let member = Member::new(&cluster, "readers");
    let partitions = member.subscribe("orders");
    assert_eq!(partitions.len(), 4);
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));
}

#[test]
fn a_client_can_go_while_a_commit_is_under_way() {
    let cluster = cluster(&[("orders", 4)]);
    let member = Member::new(&cluster, "readers");
    drop(member.read_all("orders"));
    member
        .client
        .commit(1, &[Position { topic: "orders", partition: 0, offset: 1, leader_epoch: None, metadata: Some("m") }])
        .unwrap();
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));
}

#[test]
fn a_client_can_go_while_committed_positions_are_asked_for() {
    let cluster = cluster(&[("orders", 4)]);
    let member = Member::new(&cluster, "readers");
    drop(member.read_all("orders"));
    member.client.committed(2, "readers", &[("orders", 0)], LIMIT).unwrap();
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));
}

#[test]
fn a_client_can_go_while_offsets_are_asked_for() {
    let cluster = cluster(&[("orders", 4)]);
    let member = Member::new(&cluster, "readers");
    drop(member.read_all("orders"));
    member.client.offsets(3, &[("orders", 0, OffsetSpec::Latest)], LIMIT).unwrap();
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));
}

#[test]
fn a_client_can_go_while_its_brokers_are_away() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 10);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 1);
    cluster.broker_down(1).unwrap();
    member.client.committed(2, "readers", &[("orders", 0)], LIMIT).unwrap();
    member.client.offsets(3, &[("orders", 0, OffsetSpec::Latest)], LIMIT).unwrap();
    drop((batch, queues));
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));
}

#[test]
fn a_commit_that_cannot_be_sent_holds_the_end_for_a_session_at_most() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::with(&cluster, "readers", &[("group.protocol", "classic"), ("session.timeout.ms", "2000")]);
    drop(member.read_all_eagerly("orders"));
    cluster.broker_down(1).unwrap();
    member
        .client
        .commit(1, &[Position { topic: "orders", partition: 0, offset: 1, leader_epoch: None, metadata: None }])
        .unwrap();
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));
}

#[test]
fn the_cluster_may_go_before_its_clients() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 10);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    drop(cluster);
    let mut batch = Batch::new();
    queues[0].take(&mut batch, 4);
    drop((batch, queues));
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));
}

/// Held by a waker, which is freed with its client: so a client's end can be seen from outside.
struct Ended(Arc<AtomicBool>, std::thread::ThreadId);

impl Drop for Ended {
    fn drop(&mut self) {
        assert_ne!(std::thread::current().id(), self.1, "the caller's thread did the destroying");
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn dropping_a_client_runs_its_end_on_another_thread() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    let bell = member.bell.clone();
    let ended = Arc::new(AtomicBool::new(false));
    let witness = Ended(Arc::clone(&ended), std::thread::current().id());
    let queue = member.client.partition_queue("orders", 0, bell.waker()).unwrap();
    let client = millstream_native::Client::consumer(
        &crate::support::options(&cluster, "others", &[]),
        Arc::new(move || {
            let _ = &witness;
        }),
    )
    .unwrap();
    drop(client);
    until(&bell, "the end of the client", || ended.load(Ordering::SeqCst).then_some(()));
    drop(queue);
}

#[test]
fn closing_revokes_then_leaves_and_lets_another_member_in_at_once() {
    let cluster = cluster(&[("orders", 2)]);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    assert!(!member.client.member_id().is_empty());
    assert!(!member.client.closed());
    member.client.close_begin().unwrap();
    let mut revoked = 0;
    until(&member.bell, "the close", || {
        while let Some(event) = member.client.poll() {
            if let Event::Revoke { partitions, lost } = event {
                assert!(!lost);
                revoked += partitions.len();
                member.client.incremental_unassign(&partitions).unwrap();
            }
        }
        member.client.closed().then_some(())
    });
    assert_eq!(revoked, 2);
    assert!(member.client.close_begin().is_err(), "closed already");
    drop(queues);
    ends("destroying", move || member.client.destroy().expect("nobody holds it"));

    let next = Member::new(&cluster, "readers");
    assert_eq!(next.subscribe("orders").len(), 2);
}

#[test]
fn a_waker_that_panics_harms_nobody() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    let partitions = member.subscribe("orders");
    let called = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&called);
    let waker: millstream_native::Waker = Arc::new(move || {
        seen.store(true, Ordering::SeqCst);
        // Not `panic!`, whose message would clutter the test's output.
        std::panic::resume_unwind(Box::new("a waker's panic"));
    });
    let queue = member.client.partition_queue("orders", partitions[0].partition, waker).unwrap();
    member
        .client
        .incremental_assign(&[millstream_native::StartAt { topic: "orders", partition: 0, offset: 0 }])
        .unwrap();
    fill(&cluster, "orders", 0, 1);
    let mut batch = Batch::new();
    member.take(&queue, &mut batch, 1);
    assert!(called.load(Ordering::SeqCst));
}
