//! How requests and replies look on the wire: what `NestJS` and Spring for Apache Kafka read and write.

mod asked;
mod body;
mod marks;
mod nest;
mod plain;

pub(crate) use asked::Asked;
pub(crate) use body::Body;
pub use body::{FromBody, IntoBody};
pub(crate) use marks::Marks;
pub use nest::Nest;

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
/// Spring's name for the text of an exception.
pub(crate) const SPRING_ERROR: &str = "kafka_exception-message";
/// Spring's name for the class of an exception.
pub(crate) const SPRING_ERROR_CLASS: &str = "kafka_exception-fqcn";
/// The error as the object that `NestJS` gets, for who asks with Spring's conventions.
pub(crate) const ERROR: &str = "millstream-error";
/// Says that a reply is the last where Spring's conventions have nothing for that.
pub(crate) const LAST: &str = "millstream-last";
/// What stands in it where the reply is a value too. Empty, there is none: nothing follows what was sent before.
pub(crate) const LAST_IS_VALUE: &str = "value";

/// Whose conventions a request and its replies follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Wire {
    /// Those of `NestJS` microservices: correlation id and reply partition are text, and a reply carries an error or the
    /// end of a stream in headers of its own. Millstream's own services speak this among themselves.
    #[default]
    Nest,
    /// Those of Spring's `ReplyingKafkaTemplate`: correlation id and reply partition are bytes.
    Spring,
}
