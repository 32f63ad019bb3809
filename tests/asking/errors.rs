//! What a service answers instead of a value, and what is no answer at all.

use harness::prelude::*;
use millstream::{RequestErrorKind, SendErrorKind};
use serde::{Serialize, Serializer};

use crate::asker::{Asker, SHORT};
use crate::service::Service;

struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it has no form"))
    }
}

both_brokers! {
    async fn an_error_is_read_in_every_shape_that_services_give_it(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        for (header, status, message, kind) in [
            (r#"{"status":"refused","message":"no such number","kind":"terminal"}"#, "refused", "no such number", Some("terminal")),
            (r#"{"status":"error","message":"Internal server error"}"#, "error", "Internal server error", None),
            ("plain text", "error", "plain text", None),
        ] {
            let asking = asker.to(&service).body("x").send::<i64>();
            let error = service.serving(broker, |asked| vec![asked.error(header)], asking).await.unwrap_err();
            assert_eq!(error.kind(), RequestErrorKind::Refused);
            assert!(error.may_have_been_handled());
            let remote = error.remote().expect("the service's error");
            assert_eq!((remote.status.as_str(), remote.message.as_str(), remote.kind.as_deref()), (status, message, kind));
            assert!(error.to_string().contains(message) && error.to_string().contains(&service.topic), "{error}");
        }
        let spring = asker.to(&service).wire(millstream::Wire::Spring).send::<i64>();
        let answer = |asked: &crate::service::Asked| vec![asked.reply().header("kafka_exception-message", "no")];
        let error = service.serving(broker, answer, spring).await.unwrap_err();
        assert_eq!(error.remote().map(|remote| remote.message.as_str()), Some("no"));
        asker.end().await;
    }

    async fn a_reply_that_is_not_what_was_asked_for_is_an_error_that_does_not_quote_it(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let asking = asker.to(&service).send::<i64>();
        let error = service.serving(broker, |asked| vec![asked.value("swordfish")], asking).await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::NotDecoded);
        assert!(error.may_have_been_handled() && error.remote().is_none());
        assert!(std::error::Error::source(&error).is_some());
        assert!(!format!("{error} {error:?}").contains("swordfish"), "{error}");
        let asking = asker.to(&service).send::<i64>();
        let error = service.serving(broker, |asked| vec![asked.last()], asking).await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::NotDecoded, "null is no number: {error}");
        asker.end().await;
    }

    async fn what_cannot_be_sent_was_not_handled(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let body = asker.to(&service).body(&Unwritable).send::<i64>().await.unwrap_err();
        let partition = asker.to(&service).partition(99).send::<i64>().await.unwrap_err();
        let reserved = asker.to(&service).header("kafka_correlationId", "mine").send::<i64>().await.unwrap_err();
        for error in [&body, &partition, &reserved] {
            assert_eq!(error.kind(), RequestErrorKind::NotSent, "{error}");
            assert!(!error.may_have_been_handled(), "{error}");
        }
        let source = std::error::Error::source(&body).and_then(|source| source.downcast_ref::<millstream::SendError>());
        assert_eq!(source.map(millstream::SendError::kind), Some(SendErrorKind::Serialization));
        assert!(reserved.to_string().contains("kafka_correlationId"), "{reserved}");
        let counts = asker.requests.counts();
        assert_eq!(counts.sent, counts.failed, "a partition that is not there may be told at once or later: {counts:?}");
        assert!(service.try_next().is_none());
        asker.end().await;
    }

    async fn replies_to_nobody_we_know_are_passed_over(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let answer = |asked: &crate::service::Asked| {
            let ours = String::from_utf8(asked.header("kafka_correlationId").unwrap().to_vec()).unwrap();
            let to = |id: &[u8]| Record::to(&service_replies(asked)).partition(0).header("kafka_correlationId", id).payload("wrong");
            vec![
                Record::to(&service_replies(asked)).partition(0).payload("wrong"),
                to(b"ce4d8ec3eb5872a2f2dd7"),
                to(b""),
                to(&ours.as_bytes()[..ours.len() - 1]),
                to(format!("{ours}9").as_bytes()),
                to(&[7; 16]),
                asked.value("right"),
            ]
        };
        let asking = asker.to(&service).send::<String>();
        assert_eq!(service.serving(broker, answer, asking).await.unwrap(), "right");
        let counts = asker.requests.counts();
        assert_eq!((counts.foreign, counts.late), (6, 0));
        asker.end().await;
    }

    async fn a_time_that_is_none_ends_at_once(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::ready(broker, &mut service).await;
        let error = asker.to(&service).timeout(SHORT).send::<i64>().await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::TimedOut);
        let error = asker.to(&service).timeout(std::time::Duration::ZERO).send::<i64>().await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::TimedOut);
        asker.end().await;
    }
}

fn service_replies(asked: &crate::service::Asked) -> String {
    String::from_utf8(asked.header("kafka_replyTopic").unwrap().to_vec()).unwrap()
}
