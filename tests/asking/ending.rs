//! Requests that wait when the application ends.

use futures_util::StreamExt as _;
use harness::prelude::*;
use millstream::RequestErrorKind;

use crate::asker::Asker;
use crate::service::Service;

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

real_broker! {
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
