//! Requests that wait when the application ends.

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use harness::prelude::*;
use millstream::RequestErrorKind;

use crate::asker::{Asker, app};
use crate::service::{Asked, Service};

/// Fewer than ask at once: the others wait for them.
const MOST_IN_THE_CLIENT: u32 = 10;

/// Requests that the application ends while no broker takes them.
async fn ends_what_no_broker_takes(broker: &Broker, away: impl AsyncFnOnce()) {
    let mut service = Service::start(broker, 1, 1).await;
    let small = format!("[kafka.producer.properties]\n\"queue.buffering.max.messages\" = {MOST_IN_THE_CLIENT}\n");
    let asker = Asker::start(app(broker, &service.idle, &small)).await;
    let answer = |asked: &Asked| vec![asked.value("1")];
    assert_eq!(service.serving(broker, answer, asker.to(&service).send::<i64>()).await.unwrap(), 1);
    away().await;
    let asking = join_all((0..100).map(|number: i64| asker.to(&service).body(&number).send::<i64>()));
    let asking = tokio::spawn(asking);
    let requests = std::sync::Arc::clone(&asker.requests);
    wait_until("all are asked", async || requests.counts().sent == 101).await;
    // How it ends without a broker is told elsewhere.
    drop(asker.handle.shutdown().await);
    for error in asking.await.unwrap().into_iter().map(Result::unwrap_err) {
        assert_eq!(error.kind(), RequestErrorKind::ShuttingDown, "{error}");
        assert!(error.may_have_been_handled(), "{error}");
    }
    let counts = requests.counts();
    assert_eq!((requests.pending(), counts.answered, counts.failed, counts.cancelled), (0, 1, 100, 0));
}

both_brokers! {
    async fn the_end_ends_what_waits_and_refuses_what_comes(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let requests = std::sync::Arc::clone(&asker.requests);
        let waiting = tokio::spawn(asker.to(&service).send::<i64>());
        let mut stream = asker.to(&service).stream::<i64>();
        let streaming = tokio::spawn(async move { stream.next().await });
        service.next().await;
        service.next().await;
        assert_eq!(requests.pending(), 2);
        asker.handle.shutdown().await.expect("a clean end");
        for error in [waiting.await.unwrap().unwrap_err(), streaming.await.unwrap().unwrap().unwrap_err()] {
            assert_eq!(error.kind(), RequestErrorKind::ShuttingDown, "{error}");
            assert!(error.may_have_been_handled());
        }
        let refused = requests.to(service.topic.as_str()).send::<i64>().await.unwrap_err();
        assert_eq!(refused.kind(), RequestErrorKind::ShuttingDown, "{refused}");
        assert!(!refused.may_have_been_handled());
        let stream = requests.to(service.topic.as_str()).stream::<i64>().map(|item| item.unwrap_err().kind());
        assert_eq!(stream.collect::<Vec<_>>().await, [RequestErrorKind::ShuttingDown]);
        assert_eq!((requests.pending(), requests.counts().failed), (0, 2));
        assert!(service.try_next().is_none());
    }

    async fn an_application_that_never_asked_ends_as_any_other(broker: &Broker) {
        let service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        asker.end().await;
    }
}

embedded_broker! {
    async fn the_end_ends_what_waits_for_a_broker_that_is_away(broker: &Broker) {
        ends_what_no_broker_takes(broker, async || broker.embedded_cluster().broker_down(1).unwrap()).await;
    }
}

real_broker! {
    within(300) async fn the_end_ends_what_waits_for_a_broker_that_is_frozen() {
        let own = OwnKafka::start(1).await;
        let broker = own.broker();
        ends_what_no_broker_takes(&broker, async || own.pause(1).await).await;
        own.resume(1).await;
    }

    async fn a_reply_topic_whose_name_no_broker_takes_is_an_error_that_says_so(broker: &Broker) {
        let service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let requests = std::sync::Arc::clone(&asker.requests);
        let asking = tokio::spawn(requests.to(service.topic.as_str()).reply_topic("not a name").send::<i64>());
        let error = asking.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::NotSent, "{error}");
        assert!(error.to_string().contains("not a name"), "{error}");
        asker.end().await;
    }
}
