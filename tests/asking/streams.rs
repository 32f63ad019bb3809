//! One request, several values.

use std::time::Duration;

use futures_util::StreamExt as _;
use harness::prelude::*;
use millstream::{RequestErrorKind, Wire};

use crate::asker::{Asker, SHORT};
use crate::service::{Asked, Service};

both_brokers! {
    async fn values_come_in_their_order_until_the_last(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        for count in [1, 3, 200] {
            let answer = |asked: &Asked| {
                let values = 1..=count;
                values.map(|value: i64| if value == count { asked.last() } else { asked.reply() }.payload(value.to_string())).collect()
            };
            let values = asker.to(&service).stream::<i64>().map(Result::unwrap).collect::<Vec<_>>();
            assert_eq!(service.serving(broker, answer, values).await, (1..=count).collect::<Vec<_>>());
        }
        assert_eq!(asker.requests.counts().answered, 3);
        asker.end().await;
    }

    async fn a_service_that_has_nothing_to_say_ends_the_stream(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let nest = asker.to(&service).stream::<i64>().count();
        assert_eq!(service.serving(broker, |asked| vec![asked.last()], nest).await, 0);
        let spring = asker.to(&service).wire(Wire::Spring).stream::<i64>().collect::<Vec<_>>();
        let answer = |asked: &Asked| {
            vec![asked.reply().payload("1"), asked.reply().payload("2"), asked.reply().header("millstream-last", "")]
        };
        let values: Vec<i64> = service.serving(broker, answer, spring).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(values, [1, 2]);
        asker.end().await;
    }

    async fn an_error_is_the_last_item(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let answer = |asked: &Asked| vec![asked.reply().payload("1"), asked.error("no"), asked.value("2")];
        let mut items = service.serving(broker, answer, asker.to(&service).stream::<i64>().collect::<Vec<_>>()).await;
        assert_eq!(items.len(), 2);
        assert_eq!(items.pop().unwrap().unwrap_err().kind(), RequestErrorKind::Refused);
        assert_eq!(items.pop().unwrap().unwrap(), 1);
        let answer = |asked: &Asked| vec![asked.reply().payload("1"), asked.reply().payload("x"), asked.value("2")];
        let mut items = service.serving(broker, answer, asker.to(&service).stream::<i64>().collect::<Vec<_>>()).await;
        assert_eq!(items.len(), 2);
        assert_eq!(items.pop().unwrap().unwrap_err().kind(), RequestErrorKind::NotDecoded);
        asker.end().await;
    }

    async fn a_stream_asks_when_it_is_polled_and_forgets_when_it_is_dropped(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        drop(asker.to(&service).stream::<i64>());
        let mut stream = asker.to(&service).stream::<i64>();
        assert_eq!((asker.requests.pending(), asker.requests.counts().sent), (0, 0));
        let answer = |asked: &Asked| vec![asked.reply().payload("1")];
        assert_eq!(service.serving(broker, answer, stream.next()).await.unwrap().unwrap(), 1);
        assert_eq!(asker.requests.pending(), 1);
        drop(stream);
        assert_eq!((asker.requests.pending(), asker.requests.counts().cancelled), (0, 1));
        asker.end().await;
    }

    async fn a_value_that_does_not_come_in_time_ends_the_stream(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::ready(broker, &mut service).await;
        let mut first = asker.to(&service).timeout(SHORT).stream::<i64>();
        assert_eq!(first.next().await.unwrap().unwrap_err().kind(), RequestErrorKind::TimedOut);
        assert!(first.next().await.is_none() && first.next().await.is_none());
        service.next().await;
        let mut second = asker.to(&service).timeout(Duration::from_secs(5)).stream::<i64>();
        let answer = |asked: &Asked| vec![asked.reply().payload("1")];
        assert_eq!(service.serving(broker, answer, second.next()).await.unwrap().unwrap(), 1);
        assert_eq!(second.next().await.unwrap().unwrap_err().kind(), RequestErrorKind::TimedOut);
        assert!(second.next().await.is_none());
        assert_eq!(asker.requests.pending(), 0);
        asker.end().await;
    }
}
