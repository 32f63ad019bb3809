//! Brokers that go away while requests wait.

use std::error::Error as _;
use std::time::Duration;

use futures_util::future::join_all;
use harness::Code;
use harness::prelude::*;
use millstream::{RequestErrorKind, SendError};

use crate::asker::{Asker, LONG, app};
use crate::service::{Asked, Service};

embedded_broker! {
    async fn requests_outlive_a_broker_that_is_away_for_a_while(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let answer = |asked: &Asked| vec![asked.value("1")];
        assert_eq!(service.serving(broker, answer, asker.to(&service).send::<i64>()).await.unwrap(), 1);
        let waiting = tokio::spawn(asker.to(&service).send::<i64>());
        let asked = service.next().await;
        broker.embedded_cluster().broker_down(1).unwrap();
        // Asked while nobody is there: it is sent when somebody is.
        let later = tokio::spawn(asker.to(&service).send::<i64>());
        wait_until("both wait", async || asker.requests.pending() == 2).await;
        broker.embedded_cluster().broker_up(1).unwrap();
        broker.produce(asked.value("2")).await;
        assert_eq!(waiting.await.unwrap().unwrap(), 2);
        let asked = service.next().await;
        broker.produce(asked.value("3")).await;
        assert_eq!(later.await.unwrap().unwrap(), 3);
        asker.end().await;
    }

    /// What it had says that it helps to ask again; what had not come to it yet is sent by the next one.
    async fn requests_behind_a_producer_that_fails_for_good_are_sent_by_the_next_or_say_so(broker: &Broker) {
        const PRODUCE: i16 = 0;
        const INVALID_PRODUCER_EPOCH: i32 = 47;
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let answer = |asked: &Asked| vec![asked.value(asked.text())];
        let ask = |number: i64| asker.to(&service).body(&number).send::<i64>();
        let (first, next) = (ask(-1), ask(500));
        let all: Vec<_> = (0..500).map(ask).collect();
        assert_eq!(service.serving(broker, answer, first).await.unwrap(), -1);
        broker.embedded_cluster().push_request_errors(PRODUCE, &[Code::from_number(INVALID_PRODUCER_EPOCH)]);
        let ended = service.serving(broker, answer, join_all(all)).await;
        let errors: Vec<_> = ended.iter().filter_map(|ended| ended.as_ref().err()).collect();
        assert!(!errors.is_empty(), "the producer was to fail");
        for error in errors {
            assert_eq!(error.kind(), RequestErrorKind::NotSent, "{error}");
            let cause = error.source().and_then(|source| source.downcast_ref::<SendError>()).expect("why");
            assert!(cause.is_retriable(), "{cause}");
        }
        assert_eq!(service.serving(broker, answer, next).await.unwrap(), 500);
        assert_eq!(asker.requests.pending(), 0);
        asker.end().await;
    }

    async fn a_request_that_the_brokers_did_not_take_says_whether_it_may_have_been_handled(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let hasty = "[kafka.producer.properties]\n\"delivery.timeout.ms\" = 2000\n";
        let asker = Asker::start(app(broker, &service.idle, hasty)).await;
        let answer = |asked: &Asked| vec![asked.value("1")];
        assert_eq!(service.serving(broker, answer, asker.to(&service).send::<i64>()).await.unwrap(), 1);
        broker.embedded_cluster().broker_down(1).unwrap();
        let error = asker.to(&service).send::<i64>().await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::NotSent, "{error}");
        assert_eq!(asker.requests.counts().failed, 1);
        let shorter = asker.to(&service).timeout(Duration::from_millis(100)).send::<i64>().await.unwrap_err();
        assert_eq!(shorter.kind(), RequestErrorKind::TimedOut, "{shorter}");
        assert!(shorter.may_have_been_handled(), "it lies in the producer's queue still");
        broker.embedded_cluster().broker_up(1).unwrap();
        assert_eq!(asker.requests.pending(), 0);
        drop(asker.handle.shutdown().await);
    }
}

#[test]
fn a_first_request_without_a_broker_ends_in_its_time() {
    harness::run_without_broker(60, async || {
        let broker = Broker::embedded();
        let service = Service::start(&broker, 1, 1).await;
        let asker = Asker::of(&broker, &service).await;
        broker.embedded_cluster().broker_down(1).unwrap();
        let error = asker.to(&service).timeout(Duration::from_millis(500)).send::<i64>().await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::NotSent, "{error}");
        assert!(!error.may_have_been_handled());
        assert!(error.to_string().contains(&service.replies), "{error}");
        broker.embedded_cluster().broker_up(1).unwrap();
        asker.end().await;
    });
}

real_broker! {
    within(300) async fn requests_outlive_a_broker_that_is_frozen_and_one_that_restarts() {
        let own = OwnKafka::start(1).await;
        let broker = own.broker();
        let mut service = Service::start(&broker, 1, 2).await;
        let asker = Asker::of(&broker, &service).await;
        let answer = |asked: &Asked| vec![asked.value(asked.text())];
        let ask = |body: &str| asker.to(&service).timeout(2 * LONG).body(body).send::<String>();
        let (one, two, three, four) = (ask("1"), ask("2"), ask("3"), ask("4"));
        assert_eq!(service.serving(&broker, answer, one).await.unwrap(), "1");
        let frozen = tokio::spawn(two);
        let asked = service.next().await;
        own.pause(1).await;
        let while_frozen = tokio::spawn(three);
        wait_until("both wait", async || asker.requests.pending() == 2).await;
        own.resume(1).await;
        broker.produce(asked.value("2")).await;
        assert_eq!(frozen.await.unwrap().unwrap(), "2");
        assert_eq!(service.serving(&broker, answer, while_frozen).await.unwrap().unwrap(), "3");
        let restarted = tokio::spawn(four);
        let asked = service.next().await;
        own.stop(1).await;
        own.restart(1).await;
        broker.produce(asked.value("4")).await;
        assert_eq!(restarted.await.unwrap().unwrap(), "4");
        let many = join_all((0..20).map(|number: i32| asker.to(&service).body(&number).send::<i32>()));
        let answers = service.serving(&broker, answer, many).await;
        assert!(answers.into_iter().zip(0..20).all(|(answer, number)| answer.unwrap() == number));
        asker.end().await;
    }
}
