//! Reads what stands in a topic, with a client of its own that is in no group of the application.

use super::read_error::ReadError;
use super::stored::StoredMessage;
use millstream_native::{Batch, Client, ClientOptions, Code, NativeError, PartitionQueue, StartAt};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often is looked whether there are more.
const LOOK: Duration = Duration::from_millis(10);

/// The longest wait for one answer of the broker.
const ANSWER: Duration = Duration::from_secs(10);

/// How many messages are taken at once.
const AT_ONCE: usize = 256;

/// All messages of a topic once there are at least so many, by partition and offset.
pub(super) async fn read(
    bootstrap: String,
    topic: &str,
    at_least: usize,
    timeout: Duration,
) -> Result<Vec<StoredMessage>, ReadError> {
    let start = Instant::now();
    let named = topic.to_owned();
    let reader = Arc::new(aside(topic, move || Reader::new(&bootstrap, named)).await?);
    loop {
        let asking = Arc::clone(&reader);
        let held = aside(topic, move || asking.held()).await?;
        let count = held.as_ref().map(|held| held.iter().map(Held::count).sum::<u64>());
        if usize::try_from(count.unwrap_or_default()).is_ok_and(|count| count >= at_least) {
            let left = timeout.saturating_sub(start.elapsed()).max(ANSWER);
            return aside(topic, move || reader.take(&held.unwrap_or_default(), left)).await;
        }
        if start.elapsed() >= timeout {
            return Err(ReadError::too_few(topic, at_least, count, timeout));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Calls a function where waiting for the broker hurts nobody.
async fn aside<T: Send + 'static, E: fmt::Display + Send + 'static>(
    topic: &str,
    call: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, ReadError> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => result.map_err(|error| ReadError::broker(topic, &error)),
        Err(error) => Err(ReadError::broker(topic, &error)),
    }
}

struct Reader {
    client: Client,
    topic: String,
}

/// What a partition holds: from the first offset to the one behind the last.
struct Held {
    partition: i32,
    from: i64,
    to: i64,
}

impl Held {
    fn count(&self) -> u64 {
        u64::try_from(self.to - self.from).unwrap_or_default()
    }
}

impl Reader {
    fn new(bootstrap: &str, topic: String) -> Result<Self, millstream_native::CreateError> {
        let properties = [
            ("bootstrap.servers", bootstrap),
            // It joins none, and librdkafka wants one.
            ("group.id", "millstream-test"),
            ("enable.auto.commit", "false"),
            ("fetch.wait.max.ms", "10"),
        ];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let client = Client::consumer(&ClientOptions { properties }, Arc::new(|| {}))?;
        Ok(Self { client, topic })
    }

    /// What each partition holds; `None` where there is no such topic.
    fn held(&self) -> Result<Option<Vec<Held>>, NativeError> {
        let metadata = self.client.metadata(Some(&[&self.topic]), ANSWER)?;
        let Some(topic) = metadata.topics.first().filter(|topic| topic.error != Some(Code::UNKNOWN_TOPIC_OR_PART))
        else {
            return Ok(None);
        };
        let held = topic.partitions.iter().map(|partition| {
            let (from, to) = self.client.watermarks(&self.topic, partition.id, ANSWER)?;
            Ok(Held { partition: partition.id, from, to })
        });
        held.collect::<Result<_, _>>().map(Some)
    }

    fn take(&self, held: &[Held], within: Duration) -> Result<Vec<StoredMessage>, ReadError> {
        let failed = |error: NativeError| ReadError::broker(&self.topic, &error);
        let filled: Vec<&Held> = held.iter().filter(|held| held.count() > 0).collect();
        let mut queues = Vec::with_capacity(filled.len());
        for held in &filled {
            let queue = self.client.partition_queue(&self.topic, held.partition, Arc::new(|| {})).map_err(failed)?;
            queues.push((queue, held.to));
        }
        let start = |held: &&Held| StartAt { topic: &self.topic, partition: held.partition, offset: held.from };
        self.client.assign(&filled.iter().map(start).collect::<Vec<_>>()).map_err(failed)?;
        let until = Instant::now() + within;
        let mut messages = Vec::new();
        for (queue, to) in &queues {
            while messages
                .last()
                .is_none_or(|last: &StoredMessage| last.partition() != queue.partition() || last.offset() + 1 < *to)
            {
                if self.take_some(queue, *to, &mut messages)? {
                    continue;
                }
                if Instant::now() >= until {
                    return Err(ReadError::broker(&self.topic, &"its messages did not come"));
                }
                std::thread::sleep(LOOK);
            }
        }
        Ok(messages)
    }

    /// Takes what has come; whether there was something.
    fn take_some(&self, queue: &PartitionQueue, to: i64, messages: &mut Vec<StoredMessage>) -> Result<bool, ReadError> {
        while self.client.poll().is_some() {}
        let mut batch = Batch::new();
        queue.take(&mut batch, AT_ONCE);
        for (_, message) in batch.iter() {
            if let Some(error) = message.error() {
                return Err(ReadError::broker(&self.topic, &error));
            }
            // What came after it was asked how much there is.
            if message.offset() < to {
                messages.push(StoredMessage::new(message.to_owned_parts()));
            }
        }
        Ok(!batch.is_empty())
    }
}
