//! The broker of one application under test.

use super::Published;
use super::publish_error::PublishError;
use crate::TestMessage;
use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions, EmbeddedRecord};
use millstream_native::{Code, CreateError};
use std::sync::Arc;
use std::time::Duration;

const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Broker {
    cluster: Arc<EmbeddedCluster>,
}

impl Broker {
    pub(super) fn start(partitions: i32) -> Result<Self, CreateError> {
        let options = EmbeddedOptions { default_partitions: partitions, ..EmbeddedOptions::default() };
        EmbeddedCluster::start(options).map(|cluster| Self { cluster: Arc::new(cluster) })
    }

    pub(super) fn bootstrap(&self) -> String {
        self.cluster.bootstrap()
    }

    pub(super) fn cluster(&self) -> Arc<EmbeddedCluster> {
        Arc::clone(&self.cluster)
    }

    pub(super) fn create_topic(&self, topic: &str, partitions: i32) -> Result<(), PublishError> {
        self.cluster.create_topic(topic, partitions).map_err(|error| PublishError::refused(topic, &error))
    }

    /// Writes a message; on a thread where waiting for the broker hurts nobody.
    pub(super) async fn produce(
        this: &Arc<Self>,
        topic: &str,
        message: TestMessage,
    ) -> Result<Published, PublishError> {
        let broker = Arc::clone(this);
        let owned = topic.to_owned();
        let written = tokio::task::spawn_blocking(move || broker.write(owned, &message)).await;
        written.unwrap_or_else(|error| Err(PublishError::refused(topic, &error)))
    }

    fn write(&self, topic: String, message: &TestMessage) -> Result<Published, PublishError> {
        // Left to the first message, a topic would be made with another number of partitions.
        match self.cluster.create_topic(&topic, 0) {
            Err(error) if error.code != Code::TOPIC_ALREADY_EXISTS => {
                return Err(PublishError::refused(&topic, &error));
            }
            _ => {}
        }
        let fields = &message.message;
        let headers: Vec<(&str, Option<&[u8]>)> =
            fields.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
        let record = EmbeddedRecord {
            partition: message.partition_was_set.then_some(fields.partition),
            key: fields.key.as_deref(),
            payload: fields.payload.as_deref(),
            headers: &headers,
            timestamp: fields.timestamp.map(|timestamp| timestamp.milliseconds),
            ..EmbeddedRecord::to(&topic)
        };
        match self.cluster.produce(&record, ACKNOWLEDGED_WITHIN) {
            Ok((partition, offset)) => Ok(Published { topic, partition, offset }),
            Err(error) => Err(PublishError::refused(&topic, &error)),
        }
    }
}
