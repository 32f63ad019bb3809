//! Topics on a real broker.

use crate::fill::{Filling, fill};
use anyhow::{Result, bail, ensure};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::RDKafkaErrorCode;
use std::time::Duration;

/// Makes and fills topics where they do not exist yet.
pub(crate) fn make(brokers: &str, partitions: i32, filling: &Filling) -> Result<()> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    let admin: AdminClient<DefaultClientContext> = config.create()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for topic in &filling.topics {
        let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        let answers = runtime.block_on(admin.create_topics([&new], &AdminOptions::new()))?;
        match answers.into_iter().next() {
            Some(Ok(_)) => fill(brokers, &Filling { topics: vec![topic.clone()], ..filling.clone() })?,
            Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => {}
            Some(Err((_, code))) => bail!("topic {topic} cannot be made: {code}"),
            None => bail!("topic {topic} cannot be made: no answer"),
        }
        let consumer: BaseConsumer = config.create()?;
        for partition in &filling.partitions {
            let (_, end) = consumer.fetch_watermarks(topic, *partition, Duration::from_secs(10))?;
            ensure!(
                u64::try_from(end) == Ok(filling.depth),
                "{topic}/{partition} has {end} messages and not {}: delete the topic, or name a fresh cluster",
                filling.depth
            );
        }
    }
    Ok(())
}
