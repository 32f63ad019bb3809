//! Topics: created, described, grown and deleted. The answers come as events.

use std::ffi::CString;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use rdkafka_sys::bindings as sys;

use crate::admin::{Options, refuse_empty};
use crate::client::Client;
use crate::code::Code;
use crate::error::NativeError;
use crate::event::{Event, NativeEvent};
use crate::raw;

/// A topic to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic<'a> {
    /// Its name.
    pub name: &'a str,
    /// How many partitions; `None` leaves it to the broker.
    pub partitions: Option<i32>,
    /// How many brokers keep it; `None` leaves it to the broker.
    pub replication: Option<i16>,
    /// Its configuration where it is not the broker's.
    pub config: &'a [(&'a str, &'a str)],
}

/// What became of one topic of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicAnswer {
    /// The topic.
    pub topic: Arc<str>,
    /// Why it was not done; `None` is done.
    pub error: Option<NativeError>,
}

/// The configuration of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfigs {
    /// The topic.
    pub topic: Arc<str>,
    /// All of its configuration, the broker's defaults too; or why it is not known.
    pub result: Result<Vec<ConfigEntry>, NativeError>,
}

/// One value of a topic's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The name, such as `retention.ms`.
    pub name: String,
    /// The value; `None` where the broker keeps it to itself.
    pub value: Option<String>,
    /// Whether it was set for this topic, and is not a default.
    pub own: bool,
}

impl Client {
    /// Creates topics; the answer is [`Event::Topics`] with the same `request`, an answer for each topic.
    ///
    /// Never blocks; `timeout` bounds the whole request. librdkafka's mock cluster never answers, so that the answer is
    /// an error with [`Code::TIMED_OUT`]. The topics may be seen by other clients a moment later only.
    ///
    /// # Errors
    ///
    /// An empty list, a malformed name, or numbers out of range; then no event follows.
    pub fn create_topics(&self, request: u64, topics: &[NewTopic<'_>], timeout: Duration) -> Result<(), NativeError> {
        refuse_empty(topics.is_empty(), "the creation of no topic")?;
        let new = topics.iter().map(NewNative::topic).collect::<Result<Vec<_>, _>>()?;
        let options = Options::new(self, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATETOPICS, request, timeout)?;
        let mut pointers: Vec<_> = new.iter().map(|topic| topic.0.as_ptr()).collect();
        // SAFETY: live client, options and topics, all copied by the call; the reply queue lives as long as the client.
        unsafe {
            let (topics, count) = (pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_CreateTopics(self.raw(), topics, count, options.as_ptr(), self.handle().reply());
        }
        Ok(())
    }

    /// Deletes topics; the answer is as for [`Client::create_topics`], and so are the errors.
    pub fn delete_topics(&self, request: u64, topics: &[&str], timeout: Duration) -> Result<(), NativeError> {
        refuse_empty(topics.is_empty(), "the deletion of no topic")?;
        let old = topics.iter().map(|name| Deleted::topic(name)).collect::<Result<Vec<_>, _>>()?;
        let options = Options::new(self, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DELETETOPICS, request, timeout)?;
        let mut pointers: Vec<_> = old.iter().map(|topic| topic.0.as_ptr()).collect();
        // SAFETY: as for creating.
        unsafe {
            let (topics, count) = (pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_DeleteTopics(self.raw(), topics, count, options.as_ptr(), self.handle().reply());
        }
        Ok(())
    }

    /// Gives topics more partitions, up to so many in all; the answer is as for [`Client::create_topics`], and so are
    /// the errors. The broker refuses fewer than there are.
    pub fn grow_topics(&self, request: u64, topics: &[(&str, u32)], timeout: Duration) -> Result<(), NativeError> {
        refuse_empty(topics.is_empty(), "more partitions for no topic")?;
        let grown = topics.iter().map(|(name, count)| Grown::topic(name, *count)).collect::<Result<Vec<_>, _>>()?;
        let options =
            Options::new(self, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, request, timeout)?;
        let mut pointers: Vec<_> = grown.iter().map(|topic| topic.0.as_ptr()).collect();
        // SAFETY: as for creating.
        unsafe {
            let (topics, count) = (pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_CreatePartitions(self.raw(), topics, count, options.as_ptr(), self.handle().reply());
        }
        Ok(())
    }

    /// Asks for the configuration of topics; the answer is [`Event::TopicConfigs`] with the same `request`. Otherwise as
    /// [`Client::create_topics`].
    pub fn topic_configs(&self, request: u64, topics: &[&str], timeout: Duration) -> Result<(), NativeError> {
        refuse_empty(topics.is_empty(), "the configuration of no topic")?;
        let asked = topics.iter().map(|name| Described::topic(name)).collect::<Result<Vec<_>, _>>()?;
        let options =
            Options::new(self, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, request, timeout)?;
        let mut pointers: Vec<_> = asked.iter().map(|topic| topic.0.as_ptr()).collect();
        // SAFETY: as for creating.
        unsafe {
            let (topics, count) = (pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_DescribeConfigs(self.raw(), topics, count, options.as_ptr(), self.handle().reply());
        }
        Ok(())
    }
}

/// A name that C takes and Kafka may.
fn name(topic: &str) -> Result<CString, NativeError> {
    if topic.is_empty() {
        return Err(NativeError::new(Code::INVALID_ARGUMENT, "a topic without a name; give it one"));
    }
    raw::to_c("topic", topic)
}

fn made<T>(object: *mut T, buffer: &[u8]) -> Result<NonNull<T>, NativeError> {
    NonNull::new(object).ok_or_else(|| NativeError::new(Code::INVALID_ARGUMENT, raw::buffer_text(buffer)))
}

macro_rules! owned {
    ($(#[$note:meta])* $name:ident, $raw:ty, $destroy:path) => {
        $(#[$note])*
        struct $name(NonNull<$raw>);

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: ours, and used by nobody after this: librdkafka copies what it is given.
                unsafe { $destroy(self.0.as_ptr()) };
            }
        }
    };
}

owned!(
    /// A topic to create; freed on drop.
    NewNative, sys::rd_kafka_NewTopic_t, sys::rd_kafka_NewTopic_destroy
);
owned!(
    /// A topic to delete; freed on drop.
    Deleted, sys::rd_kafka_DeleteTopic_t, sys::rd_kafka_DeleteTopic_destroy
);
owned!(
    /// A topic that gets more partitions; freed on drop.
    Grown, sys::rd_kafka_NewPartitions_t, sys::rd_kafka_NewPartitions_destroy
);
owned!(
    /// A topic that is asked about; freed on drop.
    Described, sys::rd_kafka_ConfigResource_t, sys::rd_kafka_ConfigResource_destroy
);

impl NewNative {
    fn topic(topic: &NewTopic<'_>) -> Result<NewNative, NativeError> {
        let name = name(topic.name)?;
        let partitions = topic.partitions.unwrap_or(-1);
        let replication = topic.replication.map_or(-1, i32::from);
        let mut buffer = [0_u8; 256];
        // SAFETY: a terminated name, and a writable buffer with its size; null is an error.
        let new = made(
            unsafe {
                let text = buffer.as_mut_ptr().cast();
                sys::rd_kafka_NewTopic_new(name.as_ptr(), partitions, replication, text, buffer.len())
            },
            &buffer,
        );
        let new = NewNative(new?);
        for (name, value) in topic.config {
            let (name, value) = (raw::to_c("name", name)?, raw::to_c("value", value)?);
            // SAFETY: a live topic and terminated texts, which are copied.
            let code = unsafe { sys::rd_kafka_NewTopic_set_config(new.0.as_ptr(), name.as_ptr(), value.as_ptr()) };
            NativeError::check(code as i32)?;
        }
        Ok(new)
    }
}

impl Deleted {
    fn topic(topic: &str) -> Result<Deleted, NativeError> {
        let name = name(topic)?;
        // SAFETY: a terminated name, which is copied.
        made(unsafe { sys::rd_kafka_DeleteTopic_new(name.as_ptr()) }, &[]).map(Deleted)
    }
}

impl Grown {
    fn topic(topic: &str, count: u32) -> Result<Grown, NativeError> {
        let name = name(topic)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut buffer = [0_u8; 256];
        // SAFETY: a terminated name, which is copied, and a writable buffer with its size; null is an error.
        let grown =
            unsafe { sys::rd_kafka_NewPartitions_new(name.as_ptr(), count, buffer.as_mut_ptr().cast(), buffer.len()) };
        made(grown, &buffer).map(Grown)
    }
}

impl Described {
    fn topic(topic: &str) -> Result<Described, NativeError> {
        let name = name(topic)?;
        // SAFETY: a terminated name, which is copied.
        let resource = unsafe {
            sys::rd_kafka_ConfigResource_new(sys::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC, name.as_ptr())
        };
        made(resource, &[]).map(Described)
    }
}

/// Which request an event of topics answers.
#[derive(Clone, Copy)]
pub(crate) enum Done {
    Create,
    Delete,
    Grow,
}

pub(crate) fn topics_answer(event: &NativeEvent, done: Done) -> Event {
    let result = match event.failure() {
        Some(error) => Err(error),
        None => Ok(answers(event, done)),
    };
    Event::Topics { request: event.request(), result }
}

fn answers(event: &NativeEvent, done: Done) -> Vec<TopicAnswer> {
    let mut count = 0;
    // SAFETY: a live event of the type that `done` says; everything reached from it lives as long as it does and is
    // only read.
    unsafe {
        let topics = match done {
            Done::Create => sys::rd_kafka_CreateTopics_result_topics(
                sys::rd_kafka_event_CreateTopics_result(event.as_ptr()),
                &raw mut count,
            ),
            Done::Delete => sys::rd_kafka_DeleteTopics_result_topics(
                sys::rd_kafka_event_DeleteTopics_result(event.as_ptr()),
                &raw mut count,
            ),
            Done::Grow => sys::rd_kafka_CreatePartitions_result_topics(
                sys::rd_kafka_event_CreatePartitions_result(event.as_ptr()),
                &raw mut count,
            ),
        };
        (0..count)
            .map(|index| {
                let topic = *topics.add(index);
                let code = Code::from_number(raw::rd_kafka_topic_result_error(topic)).to_error();
                TopicAnswer {
                    topic: raw::text(sys::rd_kafka_topic_result_name(topic)).into(),
                    error: code.map(|code| error(code, &raw::text(sys::rd_kafka_topic_result_error_string(topic)))),
                }
            })
            .collect()
    }
}

pub(crate) fn configs_answer(event: &NativeEvent) -> Event {
    let result = match event.failure() {
        Some(error) => Err(error),
        None => Ok(configs(event)),
    };
    Event::TopicConfigs { request: event.request(), result }
}

fn configs(event: &NativeEvent) -> Vec<TopicConfigs> {
    let mut count = 0;
    // SAFETY: a live event of this type; everything reached from it lives as long as it does and is only read.
    unsafe {
        let answer = sys::rd_kafka_event_DescribeConfigs_result(event.as_ptr());
        let resources = sys::rd_kafka_DescribeConfigs_result_resources(answer, &raw mut count);
        (0..count)
            .map(|index| {
                let resource = *resources.add(index);
                let code = Code::from_number(raw::rd_kafka_ConfigResource_error(resource)).to_error();
                let result = match code {
                    Some(code) => Err(error(code, &raw::text(sys::rd_kafka_ConfigResource_error_string(resource)))),
                    None => Ok(entries(resource)),
                };
                TopicConfigs { topic: raw::text(sys::rd_kafka_ConfigResource_name(resource)).into(), result }
            })
            .collect()
    }
}

/// # Safety
///
/// `resource` is a live resource with its configuration.
unsafe fn entries(resource: *const sys::rd_kafka_ConfigResource_t) -> Vec<ConfigEntry> {
    let mut count = 0;
    // SAFETY: by contract; the entries live as long as the resource and are only read.
    unsafe {
        let entries = sys::rd_kafka_ConfigResource_configs(resource, &raw mut count);
        (0..count)
            .map(|index| {
                let entry = *entries.add(index);
                let value = sys::rd_kafka_ConfigEntry_value(entry);
                ConfigEntry {
                    name: raw::text(sys::rd_kafka_ConfigEntry_name(entry)).into_owned(),
                    value: (!value.is_null()).then(|| raw::text(value).into_owned()),
                    own: raw::rd_kafka_ConfigEntry_source(entry) == DYNAMIC_TOPIC_CONFIG,
                }
            })
            .collect()
    }
}

/// The source of a value that was set for the topic itself.
const DYNAMIC_TOPIC_CONFIG: i32 = 1;

fn error(code: Code, reason: &str) -> NativeError {
    NativeError::new(code, if reason.is_empty() { code.to_string() } else { reason.to_owned() })
}
