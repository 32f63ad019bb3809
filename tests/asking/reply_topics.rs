//! Reply topics that are missing, gone, old or full of others' replies.

use futures_util::future::join_all;
use harness::prelude::*;
use millstream::prelude::*;
use millstream::{RequestErrorKind, Requests};

use crate::asker::{Asker, SHORT, app};
use crate::service::Service;

real_broker! {
    async fn a_missing_reply_topic_is_created_once_however_many_ask(broker: &Broker) {
        let mut service = Service::start(broker, 1, 0).await;
        let one = Asker::start(app(broker, &service.idle, "")).await;
        let two = Asker::start(app(broker, &service.idle, "")).await;
        let askers = [&one, &two, &one, &two, &one];
        let asking = join_all(askers.iter().map(|asker| asker.to(&service).send::<i64>()));
        let answers = service.serving(broker, |asked| vec![asked.value("5")], asking).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap() == 5));
        assert_eq!(broker.partitions(&service.replies).await, 3);
        one.end().await;
        two.end().await;
    }

    async fn a_reply_topic_that_was_deleted_is_created_again(broker: &Broker) {
        let mut service = Service::start(broker, 1, 3).await;
        let asker = Asker::of(broker, &service).await;
        let answer = |asked: &crate::service::Asked| vec![asked.value("5")];
        assert_eq!(service.serving(broker, answer, asker.to(&service).send::<i64>()).await.unwrap(), 5);
        broker.delete_topic(&service.replies).await;
        wait_until("it is gone", async || broker.partitions(&service.replies).await == 0).await;
        // The first request whose reply does not come makes it look.
        wait_until("a request is answered again", async || {
            let asking = asker.to(&service).timeout(std::time::Duration::from_secs(2)).send::<i64>();
            let answering = async {
                let asked = service.next().await;
                // Writing to a topic that is gone would create it, and not as we do.
                wait_until("there is a topic for the reply", async || broker.partitions(&service.replies).await == 3).await;
                broker.produce(asked.value("6")).await;
            };
            tokio::select! {
                answered = asking => answered.is_ok(),
                () = async { answering.await; std::future::pending::<()>().await } => unreachable!("it never ends"),
            }
        })
        .await;
        asker.end().await;
    }

    async fn replies_to_earlier_requests_are_not_read(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        broker.produce_many((0..500).map(|_| Record::to(&service.replies).partition(0).payload("old"))).await;
        let asker = Asker::of(broker, &service).await;
        let asking = asker.to(&service).send::<i64>();
        assert_eq!(service.serving(broker, |asked| vec![asked.value("5")], asking).await.unwrap(), 5);
        assert_eq!(asker.requests.counts().foreign, 0);
        asker.end().await;
    }

    async fn a_position_that_retention_removed_is_passed_over(broker: &Broker) {
        let mut service = Service::start(broker, 1, 1).await;
        let asker = Asker::of(broker, &service).await;
        let answer = |asked: &crate::service::Asked| vec![asked.value("5")];
        for _ in 0..3 {
            assert_eq!(service.serving(broker, answer, asker.to(&service).send::<i64>()).await.unwrap(), 5);
            let (_, end) = broker.watermarks(&service.replies, 0).await;
            broker.delete_records(&service.replies, 0, end).await;
        }
        asker.end().await;
    }

    async fn a_reply_topic_that_may_not_be_created_is_an_error_that_says_so(broker: &Broker) {
        let service = Service::start(broker, 1, 0).await;
        let asker = Asker::of(broker, &service).await;
        let name = "x".repeat(300);
        for _ in 0..2 {
            let error = asker.to(&service).reply_topic(name.as_str()).send::<i64>().await.unwrap_err();
            assert_eq!(error.kind(), RequestErrorKind::NotSent, "{error}");
            assert!(!error.may_have_been_handled());
        }
        asker.end().await;
    }
}

embedded_broker! {
    async fn a_broker_that_answers_no_request_to_create_makes_it_by_itself(broker: &Broker) {
        let mut service = Service::start(broker, 1, 0).await;
        let asker = Asker::of(broker, &service).await;
        let asking = asker.to(&service).send::<i64>();
        assert_eq!(service.serving(broker, |asked| vec![asked.value("5")], asking).await.unwrap(), 5);
        asker.end().await;
    }
}

/// Asks within the application that has the broker inside.
#[test]
fn on_the_broker_inside_the_process_a_missing_reply_topic_is_created() {
    struct Idle;

    #[consumer]
    impl Idle {
        #[kafka_listener("idle")]
        async fn on_message(&self) {}
    }

    harness::run_without_broker(60, async || {
        let app = App::builder()
            .discover(false)
            .read_files(false)
            .read_environment(false)
            .config_text("[kafka]\nbrokers = [\"embedded\"]\ngroup_id = \"g\"\n[kafka.embedded]\nallow = true\n")
            .require::<Requests>()
            .consumer(Idle);
        let asker = Asker::start(app).await;
        // Nobody answers, but it is sent: once its topic is there.
        wait_until("a request is sent", async || {
            let error = asker.requests.to("idle").timeout(SHORT).send::<i64>().await.unwrap_err();
            error.kind() == RequestErrorKind::TimedOut
        })
        .await;
        let told = asker.requests.counts();
        assert_eq!((told.sent, told.timed_out), (1, 1));
        asker.end().await;
    });
}
