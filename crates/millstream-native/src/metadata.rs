//! What the cluster says about itself.

use std::collections::HashMap;
use std::ffi::CStr;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys::bindings as sys;

use crate::client::Client;
use crate::code::Code;
use crate::error::NativeError;
use crate::raw;

/// Brokers and topics of a cluster at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The brokers that are up.
    pub brokers: Vec<BrokerMetadata>,
    /// The topics asked for, in the order asked for, or all that the principal may see.
    pub topics: Vec<TopicMetadata>,
}

/// A broker and where it is to be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerMetadata {
    /// The broker's number.
    pub id: i32,
    /// The advertised host.
    pub host: String,
    /// The advertised port.
    pub port: u16,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMetadata {
    /// The topic's name.
    pub name: Arc<str>,
    /// Its partitions; none when there is an error.
    pub partitions: Vec<PartitionMetadata>,
    /// Why nothing is known: [`Code::UNKNOWN_TOPIC_OR_PART`] when it does not exist,
    /// [`Code::TOPIC_AUTHORIZATION_FAILED`] ...
    pub error: Option<Code>,
}

/// A partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionMetadata {
    /// The partition's number.
    pub id: i32,
    /// The broker that leads it; `None` while there is none.
    pub leader: Option<i32>,
    /// How many brokers keep it.
    pub replicas: usize,
    /// What is wrong with it.
    pub error: Option<Code>,
}

/// Up to so many names are asked for one by one, a round trip each; more are looked up in a list of all topics first.
const ASKED_ONE_BY_ONE: usize = 4;

impl Client {
    /// Asks a broker about these topics, or about all. Blocks for up to `timeout` altogether.
    ///
    /// A topic that does not exist is an entry with an error, and is not created (unless `allow.auto.create.topics` was
    /// set). Asking for more than four topics fetches the whole list once and then asks for those that were not in it.
    ///
    /// # Errors
    ///
    /// No broker answered in time ([`Code::TRANSPORT`], [`Code::TIMED_OUT`]), or a malformed name.
    pub fn metadata(&self, topics: Option<&[&str]>, timeout: Duration) -> Result<Metadata, NativeError> {
        let until = Instant::now() + timeout;
        let Some(names) = topics else { return self.ask(None, until) };
        let mut found = HashMap::new();
        let mut brokers = Vec::new();
        if names.is_empty() || names.len() > ASKED_ONE_BY_ONE {
            let all = self.ask(None, until)?;
            brokers = all.brokers;
            found.extend(all.topics.into_iter().map(|topic| (Arc::clone(&topic.name), topic)));
        }
        let mut wanted = Vec::with_capacity(names.len());
        for name in names {
            if let Some(topic) = found.get(*name) {
                wanted.push(topic.clone());
                continue;
            }
            let answer = self.ask(Some(name), until)?;
            brokers = answer.brokers;
            let topic =
                answer.topics.into_iter().find(|topic| &*topic.name == *name).unwrap_or_else(|| TopicMetadata {
                    name: Arc::from(*name),
                    partitions: Vec::new(),
                    error: Some(Code::UNKNOWN_TOPIC_OR_PART),
                });
            found.insert(Arc::clone(&topic.name), topic.clone());
            wanted.push(topic);
        }
        Ok(Metadata { brokers, topics: wanted })
    }

    fn ask(&self, topic: Option<&str>, until: Instant) -> Result<Metadata, NativeError> {
        let topic = topic.map(|name| Topic::new(self, name)).transpose()?;
        let only = topic.as_ref().map_or(std::ptr::null_mut(), |topic| topic.0.as_ptr());
        let timeout = raw::milliseconds(until.saturating_duration_since(Instant::now()));
        let mut answer = std::ptr::null();
        // SAFETY: live client, a live topic or null, a writable target.
        let code = unsafe {
            raw::rd_kafka_metadata(self.handle().client(), i32::from(topic.is_none()), only, &raw mut answer, timeout)
        };
        NativeError::check(code)?;
        // SAFETY: on success the answer is a live object of ours, freed right after it was copied.
        unsafe {
            let metadata = copy(answer);
            sys::rd_kafka_metadata_destroy(answer);
            Ok(metadata)
        }
    }
}

/// A topic object of librdkafka; freed on drop.
struct Topic(NonNull<sys::rd_kafka_topic_t>);

impl Topic {
    fn new(client: &Client, name: &str) -> Result<Topic, NativeError> {
        let c_name = raw::to_c("topic", name)?;
        // SAFETY: live client and name; null means the default configuration.
        let topic = unsafe { sys::rd_kafka_topic_new(client.handle().client(), c_name.as_ptr(), std::ptr::null_mut()) };
        NonNull::new(topic).map(Topic).ok_or_else(|| {
            // SAFETY: reads a number of this thread.
            let code = Code::from_number(unsafe { raw::rd_kafka_last_error() });
            NativeError::new(code, format!("{name:?} is not a legal topic name: {code}"))
        })
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        // SAFETY: ours, and used by nobody after this.
        unsafe { sys::rd_kafka_topic_destroy(self.0.as_ptr()) };
    }
}

/// # Safety
///
/// `answer` is a live metadata object.
unsafe fn copy(answer: *const sys::rd_kafka_metadata) -> Metadata {
    // SAFETY: arrays and strings belong to the object and are as long as it says. Error codes are read as ints, since
    // they come from the broker.
    unsafe {
        let brokers = indices((*answer).broker_cnt).map(|index| {
            let broker = (*answer).brokers.wrapping_add(index);
            BrokerMetadata {
                id: (*broker).id,
                host: raw::text((*broker).host).into_owned(),
                port: u16::try_from((*broker).port).unwrap_or(0),
            }
        });
        let topics = indices((*answer).topic_cnt).map(|index| {
            let topic = (*answer).topics.wrapping_add(index);
            let partitions = indices((*topic).partition_cnt).map(|index| {
                let partition = (*topic).partitions.wrapping_add(index);
                let leader = (*partition).leader;
                PartitionMetadata {
                    id: (*partition).id,
                    leader: (leader >= 0).then_some(leader),
                    replicas: usize::try_from((*partition).replica_cnt).unwrap_or(0),
                    error: Code::from_number(std::ptr::addr_of!((*partition).err).cast::<i32>().read()).to_error(),
                }
            });
            TopicMetadata {
                name: CStr::from_ptr((*topic).topic).to_string_lossy().into(),
                partitions: partitions.collect(),
                error: Code::from_number(std::ptr::addr_of!((*topic).err).cast::<i32>().read()).to_error(),
            }
        });
        Metadata { brokers: brokers.collect(), topics: topics.collect() }
    }
}

fn indices(count: i32) -> std::ops::Range<usize> {
    0..usize::try_from(count).unwrap_or(0)
}
