//! Topics that the configuration declares.

use harness::prelude::*;

use crate::stage::{Idle, Sender, Stage, log_lines};

fn declaration(topic: &str, lines: &str) -> String {
    format!("[kafka.topics.\"{topic}\"]\n{lines}\n")
}

real_broker! {
    async fn a_declared_topic_is_created_with_its_partitions_and_configuration(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let topic = unique("declared");
        let lines = "partitions = 5\nreplication = 1\nconfig = { \"retention.ms\" = 234567, \"cleanup.policy\" = \"compact\" }";
        let sender = stage.sender(&declaration(&topic, lines)).await;
        wait_until("the topic is there", async || broker.partitions(&topic).await == 5).await;
        let described = wait_until("it is described", async || sender.admin.describe([&topic]).await.remove(0).ok()).await;
        assert_eq!(described.config["retention.ms"], "234567");
        assert_eq!(described.config["cleanup.policy"], "compact");
        sender.handle.ready().await.unwrap();
        sender.end().await;
    }

    async fn a_listeners_own_topic_can_be_declared(broker: &Broker) {
        let stage = Stage { topic: unique("declared"), ..Stage::new(broker, 1).await };
        let sender = stage.sender(&declaration(&stage.topic, "partitions = 2")).await;
        sender.handle.ready().await.unwrap();
        assert_eq!(broker.partitions(&stage.topic).await, 2);
        sender.end().await;
    }

    async fn differences_are_reported_and_nothing_is_changed(broker: &Broker) {
        let stage = Stage { topic: unique("topic"), ..Stage::new(broker, 1).await };
        broker.create_topic_with(&stage.topic, 3, &[("retention.ms", "1000")]).await;
        let lines = "partitions = 4\nreplication = 2\nconfig.retention.ms = 2000";
        let sender = stage.sender(&declaration(&stage.topic, lines)).await;
        for difference in ["has 3 partitions, 4 are declared", "is kept by 1 brokers, 2", "has retention.ms=1000, 2000 is"] {
            let line = format!("topic {} {difference}", stage.topic);
            wait_until(&format!("the log says: {line}"), async || !log_lines(&line).is_empty()).await;
        }
        let described = sender.admin.describe([&stage.topic]).await.remove(0).unwrap();
        assert_eq!((described.partitions, described.config["retention.ms"].as_str()), (3, "1000"));
        sender.end().await;
    }

    async fn a_topic_that_is_not_to_be_created_is_missed_aloud(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let topic = unique("absent");
        let sender = stage.sender(&declaration(&topic, "create = false")).await;
        wait_until("the log says so", async || {
            log_lines(&topic).iter().any(|line| line.contains("create = false"))
        })
        .await;
        assert_eq!(broker.partitions(&topic).await, 0);
        sender.end().await;
    }

    async fn a_topic_that_cannot_be_created_ends_the_start(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let topic = unique("declared");
        let sender = stage.sender(&declaration(&topic, "replication = 9")).await;
        let error = sender.handle.ended().await.unwrap_err();
        assert!(error.to_string().contains(&topic), "{error}");
        assert_eq!(error.exit_code(), 2);
    }

    async fn a_declaration_of_another_cluster_is_made_there(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let topic = unique("declared");
        let more = format!(
            "[kafka.clusters.other]\nbrokers = [\"{}\"]\n[kafka.clusters.other.topics.\"{topic}\"]\npartitions = 3\n",
            broker.bootstrap()
        );
        let sender = stage.sender(&more).await;
        wait_until("the topic is there", async || broker.partitions(&topic).await == 3).await;
        sender.end().await;
    }
}

#[test]
fn an_embedded_broker_starts_with_the_declared_topics() {
    harness::run_without_broker(60, async || {
        let app = millstream::App::builder()
            .discover(false)
            .read_files(false)
            .read_environment(false)
            .config_text("kafka = { brokers = ['embedded'], group_id = 'g', topics.wide.partitions = 9 }")
            .consumer(Idle)
            .require::<millstream::Producer>()
            .require::<millstream::Admin>();
        let sender = Sender::start(app).await;
        assert_eq!(sender.producer.partition_count("wide").await.unwrap(), 9);
        sender.end().await;
    });
}
