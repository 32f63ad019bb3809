//! Where the replies to one message go, and what each looks like.

use super::{Answer, Content};
use crate::context::Headers;
use crate::plan::AnswerPlan;
use crate::producer::OutgoingMessage;
use crate::wire::{
    Asked, CORRELATION_ID, ERROR, LAST, LAST_IS_VALUE, NEST_DISPOSED, NEST_ERROR, REPLY_PARTITION, REPLY_TOPIC,
    SPRING_ERROR, SPRING_ERROR_CLASS, Wire,
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// What replies say by themselves: a listener that hands a request's headers on does not say it twice.
const OURS: [&str; 9] = [
    CORRELATION_ID,
    REPLY_TOPIC,
    REPLY_PARTITION,
    NEST_ERROR,
    NEST_DISPOSED,
    SPRING_ERROR,
    SPRING_ERROR_CLASS,
    ERROR,
    LAST,
];

/// See the module.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) topic: Arc<str>,
    /// `None` leaves it to the partitioner.
    pub(crate) partition: Option<i32>,
    correlation_id: Option<Bytes>,
    /// That of replies which have none of their own.
    key: Option<Bytes>,
    /// `None` is a topic that takes all results, whoever asked for them: they are the values and nothing else.
    wire: Option<Wire>,
}

/// One message of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A value.
    Value {
        payload: Option<Bytes>,
        /// Whether nothing follows, as far as that is known.
        last: bool,
    },
    /// Nothing follows what was sent, which did not say so.
    End,
    /// An error in place of what would follow.
    Error(Problem),
}

/// An error as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// One word.
    kind: &'static str,
    object: Value,
}

impl Problem {
    /// A failure of the listener. What a panic said is nobody's business outside.
    pub(crate) fn failed(kind: &'static str, error: &str) -> Self {
        let message = if kind == "panic" { "internal server error" } else { error };
        Self { kind, object: json!({ "status": "error", "message": message, "kind": kind }) }
    }

    /// What the listener says of a request that it refuses.
    pub(crate) fn refused(object: Value) -> Self {
        Self { kind: "refused", object }
    }

    fn told(&self, message: OutgoingMessage, wire: Wire) -> OutgoingMessage {
        match wire {
            Wire::Nest => disposed(message.header(NEST_ERROR, self.object.to_string())),
            Wire::Spring => message
                .header(SPRING_ERROR, self.message())
                .header(SPRING_ERROR_CLASS, format!("millstream.{}", self.kind))
                .header(ERROR, self.object.to_string()),
        }
    }

    /// The text for who gets no object.
    fn message(&self) -> String {
        let message = self.object.get("message").unwrap_or(&self.object);
        message.as_str().map_or_else(|| message.to_string(), str::to_owned)
    }
}

impl Address {
    /// Of the replies to a message with these headers and this key; `None` if nobody asks for any.
    pub(crate) fn of(plan: &AnswerPlan, headers: Headers<'_>, key: Option<&[u8]>) -> Option<Self> {
        let Some(topic) = &plan.send_to else { return Self::of_request(plan, headers, key) };
        let bytes = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
        Some(Self {
            topic: Arc::clone(topic),
            partition: None,
            correlation_id: headers.get(CORRELATION_ID).filter(|id| !id.is_empty()).map(bytes),
            key: key.map(bytes),
            wire: None,
        })
    }

    /// The same, of somebody who is to be told of errors too.
    pub(crate) fn of_request(plan: &AnswerPlan, headers: Headers<'_>, key: Option<&[u8]>) -> Option<Self> {
        if plan.send_to.is_some() {
            return None;
        }
        let asked = Asked::read(headers, plan.wire)?;
        // A Spring service gives its replies the key of their request, and a Nest service gives them none.
        let key = key.filter(|_| asked.wire == Wire::Spring);
        Some(Self {
            topic: asked.reply_topic.into(),
            partition: asked.reply_partition,
            correlation_id: Some(asked.correlation_id),
            key: key.map(Bytes::copy_from_slice),
            wire: Some(asked.wire),
        })
    }

    /// Whether an answer is anything that is sent there: a refusal is not, where nobody asked.
    pub(crate) fn takes(&self, answer: &Answer) -> bool {
        self.is_of_request() || !matches!(answer.content, Content::Refusal(_))
    }

    /// Whether errors and ends are told there.
    pub(crate) fn is_of_request(&self) -> bool {
        self.wire.is_some()
    }

    /// One of so many partitions, the same for each reply of a request that names none. With a key the partitioner does
    /// that, without one it would choose one for each.
    pub(super) fn choose_partition(&mut self, count: i32) {
        let is_open = self.is_of_request() && self.partition.is_none() && self.key.is_none();
        let Some(id) = self.correlation_id.as_ref().filter(|_| is_open) else { return };
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let chosen = u64::try_from(count).ok().and_then(|count| hasher.finish().checked_rem(count));
        self.partition = chosen.and_then(|partition| i32::try_from(partition).ok());
    }

    /// Whether the last value says that it is, so that it must be known.
    pub(super) fn marks_last_value(&self) -> bool {
        self.wire == Some(Wire::Nest)
    }

    /// The message for a part, with the key and the headers that the listener gave the reply; `None` if it is nothing
    /// that is said there.
    pub(super) fn message(
        &self,
        part: &Part,
        key: Option<&Bytes>,
        headers: &[(String, Option<Bytes>)],
    ) -> Option<OutgoingMessage> {
        let plain = |payload: Option<&Bytes>| self.plain(payload, key, headers);
        Some(match (part, self.wire) {
            (Part::End | Part::Error(_), None) => return None,
            (Part::Value { payload, last: true }, Some(Wire::Nest)) => disposed(plain(payload.as_ref())),
            (Part::Value { payload, last: true }, Some(Wire::Spring)) => {
                plain(payload.as_ref()).header(LAST, LAST_IS_VALUE)
            }
            (Part::Value { payload, .. }, _) => plain(payload.as_ref()),
            (Part::End, Some(Wire::Nest)) => disposed(plain(None)),
            (Part::End, Some(Wire::Spring)) => plain(None).header(LAST, ""),
            (Part::Error(problem), Some(wire)) => problem.told(plain(None), wire),
        })
    }

    /// The message that tells a failure of the listener.
    pub(crate) fn error(&self, kind: &'static str, error: &str) -> OutgoingMessage {
        Problem::failed(kind, error).told(self.plain(None, None, &[]), self.wire.unwrap_or_default())
    }

    /// With nothing but what every reply has.
    fn plain(
        &self,
        payload: Option<&Bytes>,
        key: Option<&Bytes>,
        headers: &[(String, Option<Bytes>)],
    ) -> OutgoingMessage {
        let mut message = OutgoingMessage::new(Arc::clone(&self.topic))
            .key(key.or(self.key.as_ref()).cloned())
            .payload(payload.cloned())
            .headers(headers.iter().filter(|(name, _)| !OURS.contains(&&**name)).cloned());
        if let Some(partition) = self.partition {
            message = message.partition(partition);
        }
        match &self.correlation_id {
            Some(id) => message.header(CORRELATION_ID, id.clone()),
            None => message,
        }
    }
}

/// Nothing follows it.
fn disposed(message: OutgoingMessage) -> OutgoingMessage {
    message.header(NEST_DISPOSED, &b"\0"[..])
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key may be secret.
        let mut shown = formatter.debug_struct("Address");
        shown.field("topic", &self.topic).field("partition", &self.partition).finish_non_exhaustive()
    }
}
