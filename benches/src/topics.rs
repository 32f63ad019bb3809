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
    for topic in &filling.topics {
        if make_empty(brokers, topic, partitions)? {
            fill(brokers, &Filling { topics: vec![topic.clone()], ..filling.clone() })?;
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

/// Makes a topic where it does not exist yet, and says whether it was made.
pub(crate) fn make_empty(brokers: &str, topic: &str, partitions: i32) -> Result<bool> {
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    let answers = runtime.block_on(admin.create_topics([&new], &AdminOptions::new()))?;
    match answers.into_iter().next() {
        Some(Ok(_)) => Ok(true),
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(false),
        Some(Err((_, code))) => bail!("topic {topic} cannot be made: {code}"),
        None => bail!("topic {topic} cannot be made: no answer"),
    }
}
