//! Streams of replies that take long, be it the service or whoever reads them.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use harness::prelude::*;
use millstream::{RequestErrorKind, ResponseStream};

use crate::asker::Asker;
use crate::service::{Asked, Service};

/// How many values may wait to be taken.
const ROOM: u32 = 10_000;

/// Polls a stream until it has asked and its first value, a zero, has come.
async fn begin(broker: &Broker, service: &mut Service, stream: &mut ResponseStream<u32>) -> Asked {
    let asked = async {
        let asked = service.next().await;
        broker.produce(asked.reply().payload("0")).await;
        asked
    };
    let (first, asked) = tokio::join!(stream.next(), asked);
    assert_eq!(first.unwrap().unwrap(), 0);
    asked
}

both_brokers! {
    /// What lies there is still taken, and then comes why there is no more.
    async fn more_values_than_may_wait_for_a_slow_reader_end_its_stream_and_nothing_else(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let mut slow = asker.to(&service).stream::<u32>();
        let asked = begin(broker, &mut service, &mut slow).await;
        let mut other = asker.to(&service).stream::<u32>();
        let other_asked = begin(broker, &mut service, &mut other).await;
        assert_eq!(asker.requests.pending(), 2);
        let values = (1..=ROOM + 100).map(|value| asked.reply().payload(value.to_string()));
        broker.produce_many(values.chain([asked.value("0")])).await;
        wait_until("the slow one is given up", async || asker.requests.pending() == 1).await;

        let answer = |asked: &Asked| vec![asked.value("7")];
        assert_eq!(service.serving(broker, answer, asker.to(&service).send::<u32>()).await.unwrap(), 7);
        broker.produce(other_asked.value("8")).await;
        assert_eq!(other.map(Result::unwrap).collect::<Vec<_>>().await, [8]);
        for value in 1..=ROOM {
            assert_eq!(slow.next().await.unwrap().unwrap(), value);
        }
        let error = slow.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::Overrun, "{error}");
        assert!(error.may_have_been_handled() && error.to_string().contains("10000"), "{error}");
        assert!(slow.next().await.is_none());
        drop(slow);
        let counts = asker.requests.counts();
        assert_eq!((counts.sent, counts.answered, counts.failed), (3, 2, 1));
        // Neither the value that had no room nor what followed it was kept.
        assert_eq!(counts.late, 100);
        asker.end().await;
    }

    /// The time is that of one value.
    async fn a_stream_may_take_longer_than_its_timeout_as_long_as_its_values_come_within_it(broker: &Broker) {
        let timeout = Duration::from_secs(5);
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let mut stream = asker.to(&service).timeout(timeout).stream::<u32>();
        let asked = begin(broker, &mut service, &mut stream).await;
        let began = Instant::now();
        while began.elapsed() < timeout + Duration::from_secs(1) {
            broker.produce(asked.reply().payload("1")).await;
            assert_eq!(stream.next().await.unwrap().unwrap(), 1);
            // Not so fast that the brokers are kept busy.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::TimedOut, "{error}");
        assert!(stream.next().await.is_none());
        let counts = asker.requests.counts();
        assert_eq!((counts.timed_out, counts.answered, counts.failed), (1, 0, 0));
        asker.end().await;
    }
}
