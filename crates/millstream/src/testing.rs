//! Contexts without a client, for tests of listeners. The crate `millstream-test` makes them pleasant.

use crate::answer::{Content, Reply};
use crate::batch::{BatchContext, Part, Source};
use crate::context::{Attributes, Context, Held};
use crate::engine::lane::{Lane, LaneFacts, Port};
use crate::error::Error;
use bytes::Bytes;
use futures_util::StreamExt;
use millstream_native::OwnedMessage;
use std::fmt;
use std::sync::{Arc, Mutex};

pub use crate::engine::lane::Recorded;

/// What a context without a client says about itself.
#[derive(Debug)]
pub struct ContextFacts {
    /// The cluster's name.
    pub cluster: String,
    /// The group.
    pub group_id: String,
    /// The listener's id.
    pub listener: String,
    /// Which attempt it is, from 1; in a batch, at its first message.
    pub attempt: u32,
    /// The application's attributes.
    pub attributes: Attributes,
}

impl Default for ContextFacts {
    fn default() -> Self {
        Self {
            cluster: "default".into(),
            group_id: "test".into(),
            listener: "Test.listener".into(),
            attempt: 1,
            attributes: Attributes::new(),
        }
    }
}

/// The verbs that were called on a context without a client.
#[derive(Clone)]
pub struct Recorder {
    lane: Arc<Lane>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Recorder").field(&self.recorded()).finish()
    }
}

impl Recorder {
    /// What was called, in order.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.lane.recorded()
    }

    /// Cancels the context's token, as a revoked partition does.
    pub fn cancel(&self) {
        self.lane.cancellation.cancel();
    }
}

/// The verbs that were called on a batch without a client.
#[derive(Clone)]
pub struct BatchRecorder {
    lanes: Vec<Arc<Lane>>,
}

impl fmt::Debug for BatchRecorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lanes = self.lanes.iter().map(|lane| ((&lane.topic, lane.partition), lane.recorded()));
        formatter.debug_map().entries(lanes).finish()
    }
}

impl BatchRecorder {
    /// What was called for messages of this partition, in order; nothing for a partition that the batch does not have.
    pub fn recorded(&self, topic: &str, partition: i32) -> Vec<Recorded> {
        let lane = self.lanes.iter().find(|lane| *lane.topic == *topic && lane.partition == partition);
        lane.map(|lane| lane.recorded()).unwrap_or_default()
    }

    /// Cancels the token of every partition, as a revocation of all of them does.
    pub fn cancel(&self) {
        self.lanes.iter().for_each(|lane| lane.cancellation.cancel());
    }
}

/// A context around a message, with nothing behind it but a recorder.
pub fn context(message: OwnedMessage, facts: ContextFacts) -> (Context, Recorder) {
    let attempt = facts.attempt;
    let lane = lane(&message, &Facts::from(facts));
    let mut context = Context::new(Arc::clone(&lane));
    context.take(Held::Owned(Box::new(message)), attempt);
    (context, Recorder { lane })
}

/// A batch of these messages in this order, with nothing behind it but a recorder. They may be of several partitions, as
/// with `across_partitions`; those of one partition should stand together and in the order of their offsets, as they do in
/// a batch of the engine.
pub fn batch(messages: Vec<OwnedMessage>, facts: ContextFacts) -> (BatchContext, BatchRecorder) {
    let attempts = if facts.attempt > 1 { vec![(0, facts.attempt)] } else { Vec::new() };
    let facts = Facts::from(facts);
    let mut lanes: Vec<Arc<Lane>> = Vec::new();
    let mut parts = Vec::with_capacity(messages.len());
    for message in messages {
        let same = |lane: &&Arc<Lane>| lane.topic == message.topic && lane.partition == message.partition;
        let known = lanes.iter().find(same).map(Arc::clone);
        let lane = known.unwrap_or_else(|| {
            let lane = lane(&message, &facts);
            lanes.push(Arc::clone(&lane));
            lane
        });
        parts.push(Part::new(&lane, Source::Owned(Box::new(message))));
    }
    (BatchContext::new(parts, true, attempts), BatchRecorder { lanes })
}

/// What a [`Reply`] would send.
#[derive(Debug, Default)]
pub struct RecordedReply {
    /// The key that it was given.
    pub key: Option<Bytes>,
    /// The headers that it was given, without those that every reply has.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// The payload of each value, in order; `None` is null.
    pub values: Vec<Option<Bytes>>,
    /// The error object of a refusal.
    pub refusal: Option<serde_json::Value>,
    /// What ended a stream early, or why nothing could be written as bytes.
    pub error: Option<Error>,
}

/// Looks at what a reply would send; a stream is read to its end.
pub async fn record_reply<T>(reply: Reply<T>) -> RecordedReply {
    let answer = reply.into_answer();
    let mut recorded = RecordedReply { key: answer.key, headers: answer.headers, ..RecordedReply::default() };
    if let Some((what, error)) = answer.malformed {
        recorded.error = Some(Error::terminal(format!("the {what} of the reply cannot be written as bytes: {error}")));
        return recorded;
    }
    match answer.content {
        Content::Value(payload) => recorded.values.push(payload),
        Content::Refusal(object) => recorded.refusal = Some(object),
        Content::Values(mut values) => {
            while let Some(value) = values.next().await {
                match value {
                    Ok(payload) => recorded.values.push(payload),
                    Err(error) => {
                        recorded.error = Some(error);
                        break;
                    }
                }
            }
        }
    }
    recorded
}

/// What all lanes of a test share.
struct Facts {
    cluster: Arc<str>,
    group_id: Arc<str>,
    listener: Arc<str>,
    attributes: Arc<Attributes>,
}

impl From<ContextFacts> for Facts {
    fn from(facts: ContextFacts) -> Self {
        Self {
            cluster: facts.cluster.into(),
            group_id: facts.group_id.into(),
            listener: facts.listener.into(),
            attributes: Arc::new(facts.attributes),
        }
    }
}

fn lane(message: &OwnedMessage, facts: &Facts) -> Arc<Lane> {
    let facts = LaneFacts {
        cluster: Arc::clone(&facts.cluster),
        group_id: Arc::clone(&facts.group_id),
        listener: Arc::clone(&facts.listener),
        topic: Arc::clone(&message.topic),
        partition: message.partition,
        attributes: Arc::clone(&facts.attributes),
    };
    Arc::new(Lane::new(facts, Port::Recording(Mutex::new(Vec::new()))))
}
