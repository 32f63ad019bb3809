//! Topics are created, described, grown and deleted.

use harness::prelude::*;
use millstream::{NewTopic, TopicErrorKind};

use crate::stage::Stage;

real_broker! {
    async fn a_topic_is_created_described_grown_and_deleted(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let admin = &sender.admin;
        let name = unique("made");
        let new = NewTopic::new(&name).partitions(3).replication(1).config("retention.ms", "123456");
        admin.create([new]).await.unwrap();
        wait_until("the topic is known", async || admin.describe([&name]).await[0].is_ok()).await;
        let described = admin.describe([&name]).await.remove(0).unwrap();
        assert_eq!((described.name.as_str(), described.partitions, described.replication), (name.as_str(), 3, 1));
        assert_eq!(described.config["retention.ms"], "123456");
        assert!(described.config.len() > 10, "the broker's defaults are there too");
        admin.grow([(&name, 5)]).await.unwrap();
        wait_until("it has grown", async || broker.partitions(&name).await == 5).await;
        admin.delete([&name]).await.unwrap();
        wait_until("it is gone", async || broker.partitions(&name).await == 0).await;
        sender.end().await;
    }

    async fn what_cannot_be_done_is_an_error_for_each_topic_and_the_others_are_done(broker: &Broker) {
        let stage = Stage::new(broker, 4).await;
        let sender = stage.sender("").await;
        let admin = &sender.admin;
        let (fine, absent) = (unique("fine"), unique("absent"));
        let error = admin
            .create([
                NewTopic::new(&stage.topic),
                NewTopic::new(&fine).partitions(1),
                NewTopic::new(unique("wide")).replication(9),
                NewTopic::new(unique("odd")).config("no.such.config", "1"),
                NewTopic::new("not a name"),
            ])
            .await
            .unwrap_err();
        let kinds: Vec<_> = error.topics().iter().map(|error| (error.kind(), error.topic().to_owned())).collect();
        assert_eq!(kinds.len(), 4, "{error}");
        assert_eq!(kinds[0], (TopicErrorKind::AlreadyExists, stage.topic.clone()));
        assert!(kinds[1..].iter().all(|(kind, _)| *kind == TopicErrorKind::Invalid), "{error:?}");
        wait_until("the good one is there", async || broker.partitions(&fine).await == 1).await;

        let error = admin.grow([(&stage.topic, 2), (&absent, 2)]).await.unwrap_err();
        let kinds: Vec<_> = error.topics().iter().map(millstream::TopicError::kind).collect();
        assert_eq!(kinds, [TopicErrorKind::Invalid, TopicErrorKind::Unknown], "{error}");

        let described = admin.describe([absent.as_str(), fine.as_str()]).await;
        assert_eq!(described[0].as_ref().unwrap_err().kind(), TopicErrorKind::Unknown);
        assert!(described[1].is_ok());

        let error = admin.delete([absent.as_str(), fine.as_str()]).await.unwrap_err();
        assert_eq!(error.topics().len(), 1, "{error}");
        wait_until("the other is gone", async || broker.partitions(&fine).await == 0).await;
        sender.end().await;
    }

    async fn describing_creates_nothing(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let absent = unique("absent");
        assert!(sender.admin.describe([&absent]).await[0].is_err());
        sender.end().await;
        assert_eq!(broker.partitions(&absent).await, 0);
    }
}

/// The embedded broker of an application itself, as nobody else creates topics there.
#[test]
fn an_embedded_broker_creates_and_counts_and_says_what_it_cannot() {
    harness::run_without_broker(60, async || {
        let app = millstream::App::builder()
            .discover(false)
            .read_files(false)
            .read_environment(false)
            .config_text("kafka = { brokers = ['embedded'], group_id = 'g' }")
            .consumer(crate::stage::Idle)
            .require::<millstream::Producer>()
            .require::<millstream::Admin>();
        let sender = crate::stage::Sender::start(app).await;
        sender.admin.create([NewTopic::new("made").partitions(3)]).await.unwrap();
        let error = sender.admin.create([NewTopic::new("made")]).await.unwrap_err();
        assert_eq!(error.topics()[0].kind(), TopicErrorKind::AlreadyExists);
        assert_eq!(sender.admin.describe(["made"]).await[0].as_ref().unwrap().partitions, 3);
        assert_eq!(sender.producer.partition_count("made").await.unwrap(), 3);
        let error = sender.admin.delete(["made"]).await.unwrap_err();
        assert_eq!(error.topics()[0].kind(), TopicErrorKind::Unsupported);
        let error = sender.admin.grow([("made", 9)]).await.unwrap_err();
        assert_eq!(error.topics()[0].kind(), TopicErrorKind::Unsupported);
        sender.end().await;
    });
}
