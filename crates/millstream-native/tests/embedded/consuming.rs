use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use millstream_native::{Batch, Event, RebalanceProtocol, StartAt};

use crate::support::{Bell, LIMIT, Member, cluster, fill, record, text, until};

#[test]
fn eight_split_partitions_deliver_everything_in_order_and_nothing_to_the_main_queue() {
    const PARTITIONS: i32 = 8;
    const EACH: usize = 500;
    let cluster = cluster(&[("orders", PARTITIONS)]);
    for partition in 0..PARTITIONS {
        fill(&cluster, "orders", partition, EACH);
    }
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    assert_eq!(queues.len(), 8);
    assert_eq!(member.client.protocol(), RebalanceProtocol::Cooperative);

    let mut seen: HashMap<i32, usize> = HashMap::new();
    let mut batch = Batch::new();
    until(&member.bell, "all messages", || {
        while let Some(event) = member.client.poll() {
            assert!(!matches!(event, Event::StrayMessage { .. }), "{event:?}");
        }
        for queue in &queues {
            queue.take(&mut batch, 64);
            for (_, message) in batch.iter() {
                assert!(!message.is_error(), "{message:?}");
                let next = seen.entry(message.partition()).or_default();
                assert_eq!(message.offset(), i64::try_from(*next).unwrap());
                assert_eq!(text(message), next.to_string());
                assert_eq!(message.topic(), "orders");
                *next += 1;
            }
            batch.clear();
        }
        (seen.values().sum::<usize>() == EACH * 8).then_some(())
    });
    assert!(seen.values().all(|count| *count == EACH), "{seen:?}");
}

#[test]
fn no_wake_up_is_lost_when_messages_come_one_by_one() {
    let cluster = cluster(&[("ticks", 1)]);
    let member = Member::new(&cluster, "readers");
    let partitions = member.subscribe("ticks");
    // A bell of the partition alone: nothing but its own waker rings it.
    let bell = Bell::default();
    let rings = Arc::new(AtomicUsize::new(0));
    let (counted, ringing) = (Arc::clone(&rings), bell.clone());
    let waker: millstream_native::Waker = Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        ringing.ring();
    });
    let queue = member.client.partition_queue("ticks", partitions[0].partition, waker).unwrap();
    member.client.incremental_assign(&[StartAt { topic: "ticks", partition: 0, offset: 0 }]).unwrap();
    let mut batch = Batch::new();
    for number in 0..200 {
        cluster.produce(&record("ticks", 0, &number.to_string()), LIMIT).unwrap();
        loop {
            if queue.take(&mut batch, 16) > 0 {
                break;
            }
            // Only the waker ends this wait: were one wake-up lost, the test would fail here.
            assert!(bell.wait(LIMIT), "message {number} came without waking");
        }
        assert_eq!(text(batch.get(0).unwrap()), number.to_string());
        batch.clear();
    }
    assert!(rings.load(Ordering::SeqCst) > 0);
}

#[test]
fn a_batch_appends_frees_early_and_shares() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 10);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    member.take(&queues[0], &mut batch, 4);
    member.take(&queues[0], &mut batch, 10);
    assert_eq!(batch.len(), 10);
    assert_eq!(member.client.live_messages(), 10);

    assert!(batch.release(3));
    assert!(!batch.release(3));
    assert!(!batch.release(99));
    assert!(batch.get(3).is_none());
    assert_eq!(batch.get(4).unwrap().offset(), 4);
    batch.release_front(5);
    assert_eq!(batch.len(), 5);
    assert_eq!(batch.get(0).unwrap().offset(), 5);

    let shared = Arc::new(batch);
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                shared.iter().map(|(_, message)| message.headers().count_all() + 1).sum::<usize>()
            })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.join().unwrap(), 5);
    }
    drop(shared);
    assert_eq!(member.client.live_messages(), 0);
}

#[test]
fn released_messages_are_subtracted_when_the_batch_is_used_next() {
    let cluster = cluster(&[("orders", 1)]);
    fill(&cluster, "orders", 0, 6);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::with_capacity(8);
    member.take(&queues[0], &mut batch, 4);
    batch.release(0);
    batch.release(1);
    member.take(&queues[0], &mut batch, 6);
    assert_eq!(member.client.live_messages(), 4);
    batch.release_front(6);
    assert_eq!(member.client.live_messages(), 0);
}

#[test]
fn one_batch_may_be_filled_from_two_clients() {
    let cluster = cluster(&[("orders", 1), ("refunds", 1)]);
    fill(&cluster, "orders", 0, 3);
    fill(&cluster, "refunds", 0, 2);
    let (first, second) = (Member::new(&cluster, "a"), Member::new(&cluster, "b"));
    let (orders, refunds) = (first.read_all("orders"), second.read_all("refunds"));
    let mut batch = Batch::new();
    first.take(&orders[0], &mut batch, 3);
    batch.release(0);
    second.take(&refunds[0], &mut batch, 5);
    drop((orders, refunds));
    let first = first.client.destroy().expect_err("the batch still holds it");
    assert_eq!(batch.get(1).unwrap().topic(), "orders");
    assert_eq!(batch.get(4).unwrap().topic(), "refunds");
    batch.clear();
    assert_eq!((first.live_messages(), second.client.live_messages()), (0, 0));
    first.destroy().expect("nobody holds it any more");
}

#[test]
fn a_later_queue_of_a_partition_takes_over_and_the_earlier_ones_end_changes_nothing() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    let partitions = member.subscribe("orders");
    let (old, new) = (Bell::default(), Bell::default());
    let first = member.client.partition_queue("orders", partitions[0].partition, old.waker()).unwrap();
    let second = member.client.partition_queue("orders", partitions[0].partition, new.waker()).unwrap();
    member.client.incremental_assign(&[StartAt { topic: "orders", partition: 0, offset: 0 }]).unwrap();
    drop(first);
    fill(&cluster, "orders", 0, 1);
    let mut batch = Batch::new();
    while second.take(&mut batch, 8) == 0 {
        assert!(new.wait(LIMIT), "the successor was not woken");
    }
    assert!(!old.wait(Duration::ZERO), "the predecessor was woken");
}

#[test]
fn taking_nothing_and_taking_from_an_empty_queue_return_zero() {
    let cluster = cluster(&[("orders", 1)]);
    let member = Member::new(&cluster, "readers");
    let queues = member.read_all("orders");
    let mut batch = Batch::new();
    assert_eq!(queues[0].take(&mut batch, 0), 0);
    assert_eq!(queues[0].take(&mut batch, 100), 0);
    assert!(batch.is_empty() && batch.get(0).is_none() && batch.iter().next().is_none());
    assert_eq!(queues[0].discard(), 0);
}

#[test]
fn polling_nothing_else_than_the_main_queue_keeps_the_member_in_its_group() {
    let cluster = cluster(&[("orders", 1)]);
    let member =
        Member::with(&cluster, "readers", &[("max.poll.interval.ms", "400"), ("statistics.interval.ms", "100")]);
    let queues = member.read_all("orders");
    // Fifteen statistics are at least 1.5 s: several times the interval after which a silent member is evicted.
    let mut seen = 0;
    until(&member.bell, "statistics", || {
        while let Some(event) = member.client.poll() {
            match event {
                Event::Statistics(_) => seen += 1,
                Event::Revoke { .. } => panic!("evicted"),
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
        (seen >= 15).then_some(())
    });
    assert!(!member.client.assignment_lost());
    drop(queues);
}

#[test]
fn a_pattern_subscription_gets_the_topics_that_match() {
    let cluster = cluster(&[("orders-eu", 1), ("orders-us", 1), ("refunds", 1)]);
    let member = Member::with(&cluster, "readers", &[("group.protocol", "classic"), ("session.timeout.ms", "6000")]);
    let mut topics: Vec<String> = member.subscribe("^orders-").iter().map(|at| at.topic.to_string()).collect();
    topics.sort_unstable();
    assert_eq!(topics, ["orders-eu", "orders-us"]);
}

#[test]
fn a_second_member_takes_partitions_over() {
    let cluster = cluster(&[("orders", 2)]);
    let first = Member::new(&cluster, "readers");
    let queues = first.read_all("orders");
    assert_eq!(queues.len(), 2);
    let second = Member::new(&cluster, "readers");
    second.client.subscribe(&["orders"]).unwrap();
    let mut got = Vec::new();
    until(&first.bell, "the hand-over", || {
        while let Some(event) = first.client.poll() {
            match event {
                Event::Revoke { partitions, lost } => {
                    assert!(!lost);
                    first.client.incremental_unassign(&partitions).unwrap();
                }
                // Follows the revocation; without an answer the hand-over would never end.
                Event::Assign(partitions) => {
                    assert_eq!(partitions, []);
                    first.client.incremental_assign(&[]).unwrap();
                }
                _ => {}
            }
        }
        while let Some(event) = second.client.poll() {
            if let Event::Assign(partitions) = event {
                let starts: Vec<_> = partitions
                    .iter()
                    .map(|at| StartAt { topic: &at.topic, partition: at.partition, offset: 0 })
                    .collect();
                second.client.incremental_assign(&starts).unwrap();
                got.extend(partitions);
            }
        }
        (got.len() == 1).then_some(())
    });
}
