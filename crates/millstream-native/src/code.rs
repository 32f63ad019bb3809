//! Error codes of the protocol and of librdkafka.

use std::fmt;

use rdkafka_sys::bindings::rd_kafka_resp_err_t as Raw;

use crate::raw;

/// An error code: a broker's (positive, as in Kafka's protocol) or librdkafka's own (negative).
///
/// `Debug` is librdkafka's name (`_TIMED_OUT`), `Display` its sentence (`Local: Timed out`). A number that this version of
/// librdkafka does not know is kept and shown as a number.
///
/// ```
/// use millstream_native::Code;
///
/// assert_eq!(format!("{:?}", Code::REBALANCE_IN_PROGRESS), "REBALANCE_IN_PROGRESS");
/// assert_eq!(Code::REBALANCE_IN_PROGRESS.number(), 27);
/// assert!(Code::REBALANCE_IN_PROGRESS.is_retriable());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(i32);

macro_rules! codes {
    ($($(#[$note:meta])* $name:ident = $raw:ident;)*) => {
        impl Code {
            $($(#[$note])* pub const $name: Code = Code(Raw::$raw as i32);)*
        }
    };
}

codes! {
    /// No error.
    NO_ERROR = RD_KAFKA_RESP_ERR_NO_ERROR;
    /// A broker's unexpected error.
    UNKNOWN = RD_KAFKA_RESP_ERR_UNKNOWN;

    /// The group is rebalancing: a commit of the old generation may be tried again.
    REBALANCE_IN_PROGRESS = RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
    /// The member's generation is not the group's.
    ILLEGAL_GENERATION = RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
    /// The coordinator does not know the member.
    UNKNOWN_MEMBER_ID = RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID;
    /// The member's epoch is behind the group's (KIP-848).
    STALE_MEMBER_EPOCH = RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH;
    /// The member was fenced by the coordinator (KIP-848).
    FENCED_MEMBER_EPOCH = RD_KAFKA_RESP_ERR_FENCED_MEMBER_EPOCH;
    /// The static member's earlier self still holds its place (KIP-848).
    UNRELEASED_INSTANCE_ID = RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID;
    /// Another member took this static member's id.
    FENCED_INSTANCE_ID = RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    /// The coordinator is still loading the group.
    COORDINATOR_LOAD_IN_PROGRESS = RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
    /// The group has no coordinator at the moment.
    COORDINATOR_NOT_AVAILABLE = RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE;
    /// The broker that was asked is not the group's coordinator.
    NOT_COORDINATOR = RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
    /// The group is full (`group.max.size`).
    GROUP_MAX_SIZE_REACHED = RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED;
    /// The members of the group do not share an assignment strategy.
    INCONSISTENT_GROUP_PROTOCOL = RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL;
    /// There is no such group, or its members agree on partitions by another protocol.
    GROUP_ID_NOT_FOUND = RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
    /// The broker does not know the assignor (KIP-848).
    UNSUPPORTED_ASSIGNOR = RD_KAFKA_RESP_ERR_UNSUPPORTED_ASSIGNOR;
    /// The session timeout is outside what the broker allows.
    INVALID_SESSION_TIMEOUT = RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT;
    /// The group id is empty or otherwise refused.
    INVALID_GROUP_ID = RD_KAFKA_RESP_ERR_INVALID_GROUP_ID;
    /// The commit's metadata is longer than the broker allows.
    OFFSET_METADATA_TOO_LARGE = RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE;
    /// The commit's record does not fit the broker's limit.
    INVALID_COMMIT_OFFSET_SIZE = RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE;
    /// A transaction has not yet settled the position.
    UNSTABLE_OFFSET_COMMIT = RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
    /// The offset is outside what the partition holds.
    OFFSET_OUT_OF_RANGE = RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
    /// The broker took too long.
    REQUEST_TIMED_OUT = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
    /// The broker does not know the topic or partition.
    UNKNOWN_TOPIC_OR_PART = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    /// The name is not a legal topic name.
    TOPIC_EXCEPTION = RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
    /// The topic exists already.
    TOPIC_ALREADY_EXISTS = RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
    /// The partition has no leader at the moment.
    LEADER_NOT_AVAILABLE = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    /// The broker that was asked does not lead the partition.
    NOT_LEADER_FOR_PARTITION = RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
    /// The number of partitions is refused.
    INVALID_PARTITIONS = RD_KAFKA_RESP_ERR_INVALID_PARTITIONS;
    /// There are not so many brokers.
    INVALID_REPLICATION_FACTOR = RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
    /// A topic's configuration is refused.
    INVALID_CONFIG = RD_KAFKA_RESP_ERR_INVALID_CONFIG;
    /// A rule of the broker's operator forbids it.
    POLICY_VIOLATION = RD_KAFKA_RESP_ERR_POLICY_VIOLATION;
    /// A message is larger than a batch may be.
    RECORD_LIST_TOO_LARGE = RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
    /// A message is not as the topic wants it: a compacted topic takes no message without a key.
    INVALID_RECORD = RD_KAFKA_RESP_ERR_INVALID_RECORD;
    /// Fewer replicas are in sync than `min.insync.replicas`; nothing was written.
    NOT_ENOUGH_REPLICAS = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
    /// Fewer replicas are in sync than `min.insync.replicas`; the message was written by some.
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND;
    /// The numbers of an idempotent producer's messages have a gap.
    OUT_OF_ORDER_SEQUENCE_NUMBER = RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    /// Another producer has the newer epoch.
    INVALID_PRODUCER_EPOCH = RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
    /// The leader epoch is behind the broker's.
    FENCED_LEADER_EPOCH = RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH;
    /// The leader epoch is ahead of the broker's.
    UNKNOWN_LEADER_EPOCH = RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH;
    /// The message is larger than the topic allows.
    MSG_SIZE_TOO_LARGE = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    /// The principal may not use the topic.
    TOPIC_AUTHORIZATION_FAILED = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    /// The principal may not use the group.
    GROUP_AUTHORIZATION_FAILED = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    /// The principal may not do this to the cluster.
    CLUSTER_AUTHORIZATION_FAILED = RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
    /// The broker refused the SASL credentials.
    SASL_AUTHENTICATION_FAILED = RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
    /// The broker does not offer the SASL mechanism.
    UNSUPPORTED_SASL_MECHANISM = RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM;
    /// The broker does not know the request's version.
    UNSUPPORTED_VERSION = RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION;
    /// The network failed between the brokers.
    NETWORK_EXCEPTION = RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION;

    /// The client is being destroyed.
    DESTROY = RD_KAFKA_RESP_ERR__DESTROY;
    /// librdkafka failed in a general way.
    FAIL = RD_KAFKA_RESP_ERR__FAIL;
    /// The connection to a broker failed.
    TRANSPORT = RD_KAFKA_RESP_ERR__TRANSPORT;
    /// A broker's host name does not resolve.
    RESOLVE = RD_KAFKA_RESP_ERR__RESOLVE;
    /// No broker can be reached.
    ALL_BROKERS_DOWN = RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    /// Authentication failed.
    AUTHENTICATION = RD_KAFKA_RESP_ERR__AUTHENTICATION;
    /// TLS failed.
    SSL = RD_KAFKA_RESP_ERR__SSL;
    /// The cluster has no such topic.
    UNKNOWN_TOPIC = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    /// The topic has no such partition.
    UNKNOWN_PARTITION = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
    /// The client has no group.
    UNKNOWN_GROUP = RD_KAFKA_RESP_ERR__UNKNOWN_GROUP;
    /// An argument is not allowed.
    INVALID_ARGUMENT = RD_KAFKA_RESP_ERR__INVALID_ARG;
    /// The time given has passed.
    TIMED_OUT = RD_KAFKA_RESP_ERR__TIMED_OUT;
    /// A message could not be sent in time.
    MSG_TIMED_OUT = RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
    /// The producer's queue is full.
    QUEUE_FULL = RD_KAFKA_RESP_ERR__QUEUE_FULL;
    /// The client is in a state that does not allow this.
    STATE = RD_KAFKA_RESP_ERR__STATE;
    /// The operation has begun.
    IN_PROGRESS = RD_KAFKA_RESP_ERR__IN_PROGRESS;
    /// An earlier operation has not ended.
    PREVIOUS_IN_PROGRESS = RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS;
    /// The message was given up before it left.
    PURGE_QUEUE = RD_KAFKA_RESP_ERR__PURGE_QUEUE;
    /// The message was given up after it had left: nobody knows what became of it.
    PURGE_INFLIGHT = RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
    /// librdkafka waits for the group's coordinator.
    WAIT_COORDINATOR = RD_KAFKA_RESP_ERR__WAIT_COORD;
    /// There is no position to commit or to return.
    NO_OFFSET = RD_KAFKA_RESP_ERR__NO_OFFSET;
    /// librdkafka found nothing of what was asked for.
    NO_ENTRY = RD_KAFKA_RESP_ERR__NOENT;
    /// The position asked for does not exist and no automatic reset is configured.
    AUTO_OFFSET_RESET = RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET;
    /// The log was truncated below the position.
    LOG_TRUNCATION = RD_KAFKA_RESP_ERR__LOG_TRUNCATION;
    /// The end of the partition was reached.
    PARTITION_EOF = RD_KAFKA_RESP_ERR__PARTITION_EOF;
    /// The client was not polled for `max.poll.interval.ms`.
    MAX_POLL_EXCEEDED = RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED;
    /// The group gave the assignment to others.
    ASSIGNMENT_LOST = RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
    /// The client can do nothing more and must be made anew.
    FATAL = RD_KAFKA_RESP_ERR__FATAL;
    /// Another producer took over.
    FENCED = RD_KAFKA_RESP_ERR__FENCED;
    /// The broker does not support what was asked.
    UNSUPPORTED_FEATURE = RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
    /// A message cannot be read.
    BAD_MESSAGE = RD_KAFKA_RESP_ERR__BAD_MSG;
    /// A message's compression is broken or not built in.
    BAD_COMPRESSION = RD_KAFKA_RESP_ERR__BAD_COMPRESSION;
    /// A rebalance hands out partitions.
    ASSIGN_PARTITIONS = RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    /// A rebalance takes partitions back.
    REVOKE_PARTITIONS = RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
}

/// What may succeed when it is tried again unchanged: the protocol's retriable codes, and librdkafka's own for
/// connections and time.
const RETRIABLE: &[Code] = &[
    Code::REBALANCE_IN_PROGRESS,
    Code::COORDINATOR_LOAD_IN_PROGRESS,
    Code::COORDINATOR_NOT_AVAILABLE,
    Code::NOT_COORDINATOR,
    Code::UNSTABLE_OFFSET_COMMIT,
    Code::UNRELEASED_INSTANCE_ID,
    Code::REQUEST_TIMED_OUT,
    Code::UNKNOWN_TOPIC_OR_PART,
    Code::LEADER_NOT_AVAILABLE,
    Code::NOT_LEADER_FOR_PARTITION,
    Code::FENCED_LEADER_EPOCH,
    Code::UNKNOWN_LEADER_EPOCH,
    Code::NETWORK_EXCEPTION,
    Code::NOT_ENOUGH_REPLICAS,
    Code::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    Code::PURGE_QUEUE,
    Code::PURGE_INFLIGHT,
    Code::TRANSPORT,
    Code::RESOLVE,
    Code::ALL_BROKERS_DOWN,
    Code::TIMED_OUT,
    Code::MSG_TIMED_OUT,
    Code::QUEUE_FULL,
    Code::IN_PROGRESS,
    Code::PREVIOUS_IN_PROGRESS,
    Code::WAIT_COORDINATOR,
];

impl Code {
    /// The code with this number, known or not.
    pub const fn from_number(number: i32) -> Code {
        Code(number)
    }

    /// The number, as in the protocol when it is positive.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// Whether this is an error at all.
    pub const fn is_error(self) -> bool {
        self.0 != 0
    }

    /// Whether the same call may succeed later without anything being changed.
    ///
    /// This is about the code alone. A commit refused with [`Code::ILLEGAL_GENERATION`] or [`Code::STALE_MEMBER_EPOCH`]
    /// may succeed too once the member knows its new generation; whether to try depends on who owns the partition, so
    /// these are not listed here.
    pub fn is_retriable(self) -> bool {
        RETRIABLE.contains(&self)
    }

    pub(crate) fn to_error(self) -> Option<Code> {
        self.is_error().then_some(self)
    }

    /// librdkafka's name of the code: `_TIMED_OUT`, `NOT_COORDINATOR`.
    pub fn name(self) -> String {
        // SAFETY: any integer is allowed; the answer is a static string or a buffer of this thread, copied at once.
        unsafe { raw::text(raw::rd_kafka_err2name(self.0)) }.into_owned()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: any integer is allowed; the answer is a static string or a buffer of this thread, read at once.
        formatter.write_str(&unsafe { raw::text(raw::rd_kafka_err2str(self.0)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_shows_librdkafkas_name_and_sentence() {
        assert_eq!(format!("{:?}", Code::TIMED_OUT), "_TIMED_OUT");
        assert_eq!(Code::TIMED_OUT.to_string(), "Local: Timed out");
        assert_eq!(format!("{:?}", Code::NOT_COORDINATOR), "NOT_COORDINATOR");
    }

    #[test]
    fn a_number_that_librdkafka_does_not_know_is_kept() {
        for number in [i32::MIN, -5000, 5000, i32::MAX] {
            let code = Code::from_number(number);
            assert_eq!(code.number(), number);
            assert!(format!("{code:?} {code}").contains(&number.to_string()), "{code:?}");
        }
    }

    #[test]
    fn a_generation_error_is_not_retriable_by_its_code_alone() {
        assert!(Code::COORDINATOR_LOAD_IN_PROGRESS.is_retriable());
        assert!(!Code::ILLEGAL_GENERATION.is_retriable());
        assert!(!Code::TOPIC_AUTHORIZATION_FAILED.is_retriable());
    }
}
