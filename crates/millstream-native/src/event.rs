//! What a client reports.

use std::ptr::NonNull;

use rdkafka_sys::bindings as sys;

use crate::admin;
use crate::client::Client;
use crate::code::Code;
use crate::error::NativeError;
use crate::partition_list::{self, SharedNames};
use crate::producing::{self, DeliveryReport};
use crate::raw;
use crate::topic_admin::{self, Done, TopicAnswer, TopicConfigs};
use crate::topic_partition::TopicPartition;

/// What [`Client::poll`] returns. `Assign`, `Revoke` and `RebalanceError` must be answered, or the group waits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The group hands these partitions to this member; under the cooperative protocol on top of those it has.
    /// Nothing is read before [`Client::assign`] or [`Client::incremental_assign`] answers.
    ///
    /// The list may be empty, and must be answered then too: under the cooperative protocol each answered revocation is
    /// followed by one, and without the answer the group never finishes.
    Assign(Vec<TopicPartition>),
    /// The group takes partitions back. librdkafka delivers nothing, for no partition of the client, until
    /// [`Client::unassign`] or [`Client::incremental_unassign`] answers.
    Revoke {
        /// What must be given back; under the eager protocol everything.
        partitions: Vec<TopicPartition>,
        /// Others own the partitions already: commit nothing.
        lost: bool,
    },
    /// A rebalance failed; answer with [`Client::unassign`].
    RebalanceError(NativeError),
    /// The answer to [`Client::commit`].
    Committed {
        /// The number given to the call.
        request: u64,
        /// The error of the whole request, or the last error of a partition: look at each partition.
        error: Option<Code>,
        /// One answer for each partition, in the order given.
        partitions: Vec<CommitAnswer>,
    },
    /// The answer to [`Client::committed`].
    CommittedPositions {
        /// The number given to the call.
        request: u64,
        /// The positions, or why none could be had.
        result: Result<Vec<CommittedPosition>, NativeError>,
    },
    /// The answer to [`Client::offsets`].
    Offsets {
        /// The number given to the call.
        request: u64,
        /// The offsets, or why none could be had.
        result: Result<Vec<OffsetAnswer>, NativeError>,
    },
    /// The answer to [`Client::create_topics`], [`Client::delete_topics`] and [`Client::grow_topics`].
    Topics {
        /// The number given to the call.
        request: u64,
        /// What became of each topic, or why nothing is known.
        result: Result<Vec<TopicAnswer>, NativeError>,
    },
    /// The answer to [`Client::topic_configs`].
    TopicConfigs {
        /// The number given to the call.
        request: u64,
        /// The configuration of each topic, or why nothing is known.
        result: Result<Vec<TopicConfigs>, NativeError>,
    },
    /// What became of messages given to [`Client::produce`], in no particular order.
    Delivered(Vec<DeliveryReport>),
    /// Something is wrong with the client, a broker or the group. Unless it is fatal librdkafka goes on trying.
    Error(NativeError),
    /// A line of librdkafka's log.
    Log {
        /// How grave it is.
        level: LogLevel,
        /// What it is about, one word: `FAIL`, `CONFWARN`, `SESSTMOUT`.
        facility: String,
        /// The text, which begins with the client's thread and broker.
        message: String,
    },
    /// Statistics as JSON, every `statistics.interval.ms`.
    Statistics(String),
    /// A token for SASL OAUTHBEARER is needed: answer with [`Client::set_token`] or [`Client::set_token_failure`].
    TokenRefresh {
        /// The property `sasl.oauthbearer.config`; may hold secrets.
        configuration: Option<String>,
    },
    /// A message came to the main queue, where no message belongs: its partition was assigned without
    /// [`Client::partition_queue`]. It has been dropped; seek back to its offset to get it again.
    StrayMessage {
        /// Where it came from.
        at: TopicPartition,
        /// Its offset.
        offset: i64,
    },
}

impl Event {
    /// The number of the request that this answers, where it is an answer.
    pub fn request(&self) -> Option<u64> {
        match self {
            Event::Committed { request, .. }
            | Event::CommittedPositions { request, .. }
            | Event::Offsets { request, .. }
            | Event::Topics { request, .. }
            | Event::TopicConfigs { request, .. } => Some(*request),
            _ => None,
        }
    }
}

/// What the broker said about one committed position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitAnswer {
    /// The partition.
    pub at: TopicPartition,
    /// The position sent.
    pub offset: i64,
    /// Why it was not stored; `None` is stored.
    ///
    /// librdkafka 2.12 keeps each partition's own error here, while the event's is the last error that any partition
    /// had.
    pub error: Option<Code>,
}

/// A position that a group has committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedPosition {
    /// The partition.
    pub at: TopicPartition,
    /// The offset of the next message to handle; `None` where the group has no position.
    pub offset: Option<i64>,
    /// The leader epoch committed with it.
    pub leader_epoch: Option<i32>,
    /// The text committed with it; `None` when it is empty.
    pub metadata: Option<String>,
    /// Why the broker could not tell.
    pub error: Option<Code>,
}

/// An offset looked up in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetAnswer {
    /// The partition.
    pub at: TopicPartition,
    /// The offset; `None` where no message is as late as the time asked for. An error concerns this partition only.
    pub result: Result<Option<i64>, Code>,
}

/// How grave a log line is, as in syslog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Unusable; librdkafka uses it before it aborts.
    Emergency,
    /// Must be acted on at once.
    Alert,
    /// Critical.
    Critical,
    /// Error.
    Error,
    /// Warning.
    Warning,
    /// Notable.
    Notice,
    /// Informational.
    Info,
    /// For debugging; only with the property `debug`.
    Debug,
}

impl LogLevel {
    fn from_syslog(level: i32) -> LogLevel {
        match level {
            ..=0 => LogLevel::Emergency,
            1 => LogLevel::Alert,
            2 => LogLevel::Critical,
            3 => LogLevel::Error,
            4 => LogLevel::Warning,
            5 => LogLevel::Notice,
            6 => LogLevel::Info,
            7.. => LogLevel::Debug,
        }
    }
}

/// An event that is still librdkafka's; freed on drop.
pub(crate) struct NativeEvent(NonNull<sys::rd_kafka_event_t>);

/// Takes the next event without blocking. The caller holds the client that the queue belongs to.
pub(crate) fn next(queue: *mut sys::rd_kafka_queue_t) -> Option<NativeEvent> {
    // SAFETY: a queue of a handle that the caller keeps alive; the event becomes ours.
    NonNull::new(unsafe { sys::rd_kafka_queue_poll(queue, 0) }).map(NativeEvent)
}

impl NativeEvent {
    pub(crate) fn as_ptr(&self) -> *mut sys::rd_kafka_event_t {
        self.0.as_ptr()
    }

    /// The number that the request was made with.
    pub(crate) fn request(&self) -> u64 {
        // SAFETY: a live event. The opaque is a number of ours, never a pointer.
        unsafe { sys::rd_kafka_event_opaque(self.as_ptr()) }.addr() as u64
    }

    pub(crate) fn code(&self) -> Option<Code> {
        // SAFETY: a live event.
        Code::from_number(unsafe { raw::rd_kafka_event_error(self.as_ptr()) }).to_error()
    }

    fn error(&self, code: Code, fatal: bool) -> NativeError {
        // SAFETY: a live event; the string lives as long as it does.
        let reason = unsafe { raw::text(sys::rd_kafka_event_error_string(self.as_ptr())) }.into_owned();
        NativeError { code, reason, fatal, retriable: !fatal && code.is_retriable() }
    }

    /// The error of an answer, if it has one.
    pub(crate) fn failure(&self) -> Option<NativeError> {
        self.code().map(|code| self.error(code, false))
    }

    /// Nothing for what has no meaning here.
    pub(crate) fn decode(&self, client: &Client) -> Option<Event> {
        // SAFETY: a live event.
        match unsafe { sys::rd_kafka_event_type(self.as_ptr()) } {
            sys::RD_KAFKA_EVENT_REBALANCE => Some(self.rebalance(client)),
            sys::RD_KAFKA_EVENT_OFFSET_COMMIT => Some(self.committed()),
            sys::RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT => Some(admin::committed_answer(self)),
            sys::RD_KAFKA_EVENT_LISTOFFSETS_RESULT => Some(admin::offsets_answer(self)),
            sys::RD_KAFKA_EVENT_CREATETOPICS_RESULT => Some(topic_admin::topics_answer(self, Done::Create)),
            sys::RD_KAFKA_EVENT_DELETETOPICS_RESULT => Some(topic_admin::topics_answer(self, Done::Delete)),
            sys::RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT => Some(topic_admin::topics_answer(self, Done::Grow)),
            sys::RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT => Some(topic_admin::configs_answer(self)),
            sys::RD_KAFKA_EVENT_DR => Some(Event::Delivered(producing::reports(self))),
            sys::RD_KAFKA_EVENT_ERROR => {
                // SAFETY: a live event of this type, the only one for which the flag means something.
                let fatal = unsafe { sys::rd_kafka_event_error_is_fatal(self.as_ptr()) } != 0;
                Some(Event::Error(self.error(self.code().unwrap_or(Code::UNKNOWN), fatal)))
            }
            sys::RD_KAFKA_EVENT_LOG => Some(self.log()),
            sys::RD_KAFKA_EVENT_STATS => {
                // SAFETY: a live event of this type.
                Some(Event::Statistics(unsafe { raw::text(sys::rd_kafka_event_stats(self.as_ptr())) }.into_owned()))
            }
            sys::RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH => {
                // SAFETY: a live event of this type.
                let text = unsafe { raw::text(sys::rd_kafka_event_config_string(self.as_ptr())) };
                Some(Event::TokenRefresh { configuration: (!text.is_empty()).then(|| text.into_owned()) })
            }
            sys::RD_KAFKA_EVENT_FETCH => self.stray(),
            _ => None,
        }
    }

    fn rebalance(&self, client: &Client) -> Event {
        // SAFETY: a live event; its list lives as long as it does.
        let partitions = unsafe { partition_list::partitions(sys::rd_kafka_event_topic_partition_list(self.as_ptr())) };
        match self.code() {
            Some(Code::ASSIGN_PARTITIONS) => Event::Assign(partitions),
            Some(Code::REVOKE_PARTITIONS) => Event::Revoke { partitions, lost: client.assignment_lost() },
            code => Event::RebalanceError(self.error(code.unwrap_or(Code::UNKNOWN), false)),
        }
    }

    fn committed(&self) -> Event {
        let mut names = SharedNames::default();
        // SAFETY: a live event; its list lives as long as it does and is only read.
        let elements = unsafe { partition_list::elements(sys::rd_kafka_event_topic_partition_list(self.as_ptr())) };
        let partitions = elements
            .map(|element| {
                // SAFETY: an element of that list.
                let read = unsafe { partition_list::read(element) };
                let at = TopicPartition { topic: names.get(&read.topic), partition: read.partition };
                CommitAnswer { at, offset: read.offset, error: read.error }
            })
            .collect();
        Event::Committed { request: self.request(), error: self.code(), partitions }
    }

    fn log(&self) -> Event {
        let (mut facility, mut message, mut level) = (std::ptr::null(), std::ptr::null(), 0);
        // SAFETY: a live event and writable targets; the strings live as long as the event.
        let (facility, message) = unsafe {
            sys::rd_kafka_event_log(self.as_ptr(), &raw mut facility, &raw mut message, &raw mut level);
            (raw::text(facility).into_owned(), raw::text(message).into_owned())
        };
        Event::Log { level: LogLevel::from_syslog(level), facility, message }
    }

    fn stray(&self) -> Option<Event> {
        // SAFETY: a live event of this type; the message belongs to it and is only read.
        unsafe {
            let message = sys::rd_kafka_event_message_next(self.as_ptr());
            if message.is_null() || (*message).rkt.is_null() {
                return None;
            }
            let topic = raw::text(sys::rd_kafka_topic_name((*message).rkt)).into_owned();
            Some(Event::StrayMessage {
                at: TopicPartition::new(topic, (*message).partition),
                offset: (*message).offset,
            })
        }
    }
}

impl Drop for NativeEvent {
    fn drop(&mut self) {
        // SAFETY: ours, and used by nobody after this.
        unsafe { sys::rd_kafka_event_destroy(self.as_ptr()) };
    }
}
