//! Many requests at once, and many instances that ask.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use harness::prelude::*;

use crate::asker::{Asker, LONG};
use crate::service::{Asked, Service};

async fn all_are_answered(broker: &Broker, count: u64) {
    let mut service = Service::start(broker, 3, 3).await;
    let asker = Asker::of(broker, &service).await;
    let asking = join_all((0..count).map(|number| asker.to(&service).body(&number).send::<u64>()));
    // All together: one after the other would take a round trip each.
    let answering = async {
        let mut seen = 0;
        while seen < count {
            let first = service.next().await;
            let rest = std::iter::from_fn(|| service.try_next());
            let batch: Vec<Asked> = std::iter::once(first).chain(rest).collect();
            seen += batch.len() as u64;
            broker.produce_many(batch.iter().map(|asked| asked.value(asked.text()))).await;
        }
    };
    let (answers, ()) = tokio::join!(asking, answering);
    let answers: Vec<u64> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, (0..count).collect::<Vec<_>>());
    let counts = asker.requests.counts();
    assert_eq!((counts.sent, counts.answered, counts.foreign, counts.late), (count, count, 0, 0));
    asker.end().await;
}

both_brokers! {
    async fn a_hundred_requests_at_once_are_answered(broker: &Broker) {
        all_are_answered(broker, 100).await;
    }

    async fn a_thousand_requests_at_once_are_answered(broker: &Broker) {
        all_are_answered(broker, 1000).await;
    }

    async fn more_instances_than_partitions_share_them(broker: &Broker) {
        let mut service = Service::start(broker, 1, 2).await;
        let mut askers = Vec::new();
        for _ in 0..5 {
            askers.push(Asker::of(broker, &service).await);
        }
        // Each reads before any of them is answered.
        let mut places = BTreeSet::new();
        let asking = join_all(askers.iter().enumerate().map(|(index, asker)| asker.to(&service).body(&index).send::<usize>()));
        let answering = async {
            let mut all = Vec::new();
            while all.len() < askers.len() {
                all.push(service.next().await);
            }
            for asked in &all {
                places.insert(asked.header("kafka_replyPartition").unwrap().to_vec());
                broker.produce(asked.value(asked.text())).await;
            }
        };
        let (answers, ()) = tokio::join!(asking, answering);
        assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert!(!places.is_empty() && places.iter().all(|place| [&b"0"[..], b"1"].contains(&place.as_slice())));
        // Of five instances on two partitions at least three share one, and each of them sees the others' replies.
        let foreign = async || askers.iter().map(|asker| asker.requests.counts().foreign).sum::<u64>();
        wait_until("the others' replies were seen and passed over", async || foreign().await >= 8).await;
        for asker in askers {
            assert_eq!(asker.requests.counts().late, 0);
            asker.end().await;
        }
    }

    async fn an_instance_reads_several_reply_topics(broker: &Broker) {
        let mut one = Service::start(broker, 1, 1).await;
        let mut two = Service::start(broker, 1, 2).await;
        let asker = Asker::of(broker, &one).await;
        for _ in 0..3 {
            let (first, second) = tokio::join!(
                one.serving(broker, |asked| vec![asked.value("1")], asker.to(&one).send::<i64>()),
                two.serving(broker, |asked| vec![asked.value("2")], asker.to(&two).send::<i64>()),
            );
            assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
        }
        // Both services may answer to one topic.
        let shared = asker.to(&two).reply_topic(one.replies.as_str()).timeout(LONG);
        let answer = |asked: &Asked| vec![asked.value("3")];
        assert_eq!(two.serving(broker, answer, shared.send::<i64>()).await.unwrap(), 3);
        asker.end().await;
    }
}
