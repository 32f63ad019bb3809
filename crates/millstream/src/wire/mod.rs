//! How requests and replies look on the wire: what `NestJS` and Spring for Apache Kafka read and write.

mod asked;
mod body;
mod nest;
mod received;

pub(crate) use asked::Asked;
pub use body::{FromBody, IntoBody};
pub use nest::Nest;
pub(crate) use received::Received;

/// Names a request and its replies: made by who asks, repeated by who answers.
pub(crate) const CORRELATION_ID: &str = "kafka_correlationId";
/// Where the replies are to go.
pub(crate) const REPLY_TOPIC: &str = "kafka_replyTopic";
/// To which partition of it.
pub(crate) const REPLY_PARTITION: &str = "kafka_replyPartition";
/// The error that is the reply.
pub(crate) const NEST_ERROR: &str = "kafka_nest-err";
/// Its presence ends a request's replies.
pub(crate) const NEST_DISPOSED: &str = "kafka_nest-is-disposed";

/// Whose conventions a request and its replies follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Wire {
    /// Those of `NestJS` microservices: correlation id and reply partition are text, a reply carries an error or the end
    /// of a stream in headers of its own. Millstream's own services speak this among themselves.
    #[default]
    Nest,
    /// Those of Spring's `ReplyingKafkaTemplate`: correlation id and reply partition are bytes.
    Spring,
}
