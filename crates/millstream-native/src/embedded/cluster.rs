//! The cluster and what tests do to it.

use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys::bindings as sys;

use super::delivery::{Deliveries, Outcome, Ticket, on_delivery};
use super::record::EmbeddedRecord;
use crate::code::Code;
use crate::error::{CreateError, NativeError};
use crate::properties::Configuration;
use crate::raw;

/// What an embedded cluster is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Topics to create, with their numbers of partitions; 0 means `default_partitions`.
    ///
    /// A topic that is only created by being written to or asked for always has four: create it here or by
    /// [`EmbeddedCluster::create_topic`] before anybody names it.
    pub topics: Vec<(String, i32)>,
    /// The number of partitions where a topic does not say.
    pub default_partitions: i32,
    /// How many brokers; they are numbered from 1.
    pub brokers: i32,
}

impl Default for EmbeddedOptions {
    /// One broker, no topics, four partitions.
    fn default() -> EmbeddedOptions {
        EmbeddedOptions { topics: Vec::new(), default_partitions: 4, brokers: 1 }
    }
}

/// A cluster inside the process; see the [module](super) for what it is and is not.
///
/// It must outlive its clients: when it goes first, they see all brokers go down, and leaving a group takes them a
/// session timeout. Dropping it ends it on a thread of its own, so that no async worker waits; what it held is gone.
pub struct EmbeddedCluster {
    producer: NonNull<sys::rd_kafka_t>,
    cluster: NonNull<sys::rd_kafka_mock_cluster_t>,
    deliveries: Arc<Deliveries>,
    options: EmbeddedOptions,
}

// SAFETY: the producer may be used from any thread; the cluster's functions send an operation to its own thread or take
// its lock (rdkafka_mock.c).
unsafe impl Send for EmbeddedCluster {}
// SAFETY: as above.
unsafe impl Sync for EmbeddedCluster {}

/// A batch of 1 MB and more can vanish: it may push itself out of the partition's 5 MiB.
const BATCH_BYTES: &str = "500000";
/// As a real cluster would by default; the mock keeps one copy whatever this says.
const REPLICATION: i32 = 3;

impl EmbeddedCluster {
    /// Starts a cluster and creates its topics. Takes some 10 ms; it listens on a port of loopback chosen by the
    /// system.
    ///
    /// # Errors
    ///
    /// Numbers out of range, a malformed topic name, or no port to listen on.
    pub fn start(options: EmbeddedOptions) -> Result<EmbeddedCluster, CreateError> {
        if options.brokers < 1 || options.default_partitions < 1 {
            return Err(CreateError::Refused(format!(
                "an embedded cluster of {} brokers and {} partitions a topic; give at least one of each",
                options.brokers, options.default_partitions
            )));
        }
        let mut configuration = Configuration::new();
        let brokers = options.brokers.to_string();
        let problems: Vec<_> = [
            ("test.mock.num.brokers", brokers.as_str()),
            ("client.id", "embedded"),
            ("batch.size", BATCH_BYTES),
            ("linger.ms", "5"),
            ("partitioner", "murmur2_random"),
            ("reconnect.backoff.max.ms", "300"),
        ]
        .into_iter()
        .filter_map(|(name, value)| configuration.set(name, value).err())
        .collect();
        if !problems.is_empty() {
            return Err(CreateError::Properties(problems));
        }
        let deliveries = Arc::new(Deliveries::default());
        // SAFETY: a live configuration; the deliveries have a stable address and outlive the producer (see `Drop`).
        // Without a log callback the producer is silent; its log would go to standard error.
        unsafe {
            sys::rd_kafka_conf_set_log_cb(configuration.as_ptr(), None);
            sys::rd_kafka_conf_set_dr_msg_cb(configuration.as_ptr(), Some(on_delivery));
            sys::rd_kafka_conf_set_opaque(configuration.as_ptr(), Arc::as_ptr(&deliveries).cast_mut().cast());
        }
        let producer = configuration.into_client(sys::rd_kafka_type_t::RD_KAFKA_PRODUCER)?;
        // SAFETY: a live producer.
        let Some(cluster) = NonNull::new(unsafe { sys::rd_kafka_handle_mock_cluster(producer.as_ptr()) }) else {
            // SAFETY: nobody else has seen the producer.
            unsafe { sys::rd_kafka_destroy(producer.as_ptr()) };
            return Err(CreateError::Refused("librdkafka did not start its mock cluster".into()));
        };
        let this = EmbeddedCluster { producer, cluster, deliveries, options };
        // SAFETY: a live cluster. Without these the first classic rebalance takes 3 s and KIP-848 members answer every
        // 3 s.
        unsafe {
            sys::rd_kafka_mock_group_initial_rebalance_delay_ms(this.cluster(), 0);
            sys::rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(this.cluster(), 200);
        }
        for (topic, partitions) in &this.options.topics {
            this.create_topic(topic, *partitions)
                .map_err(|error| CreateError::Refused(format!("topic {topic:?} of the embedded cluster: {error}")))?;
        }
        Ok(this)
    }

    fn cluster(&self) -> *mut sys::rd_kafka_mock_cluster_t {
        self.cluster.as_ptr()
    }

    /// The addresses for `bootstrap.servers`: `127.0.0.1:41234`. Always the cluster's own ports, whatever is
    /// [advertised](EmbeddedCluster::advertise).
    pub fn bootstrap(&self) -> String {
        // SAFETY: a live cluster; the string lives as long as it does.
        unsafe { raw::text(sys::rd_kafka_mock_cluster_bootstraps(self.cluster())) }.into_owned()
    }

    /// Creates a topic; 0 partitions means the default number.
    ///
    /// # Errors
    ///
    /// [`Code::TOPIC_ALREADY_EXISTS`], a negative number of partitions, or a malformed name.
    pub fn create_topic(&self, topic: &str, partitions: i32) -> Result<(), NativeError> {
        let name = raw::to_c("topic", topic)?;
        let partitions = if partitions == 0 { self.options.default_partitions } else { partitions };
        if partitions < 0 || topic.is_empty() {
            let reason = format!("topic {topic:?} with {partitions} partitions; give a name and at least one");
            return Err(NativeError::new(Code::INVALID_ARGUMENT, reason));
        }
        let replication = self.options.brokers.min(REPLICATION);
        // SAFETY: live cluster and name.
        let code = unsafe { sys::rd_kafka_mock_topic_create(self.cluster(), name.as_ptr(), partitions, replication) };
        NativeError::check(code as i32)
    }

    /// Writes one message and waits for the acknowledgement: the partition and the offset where it stands.
    ///
    /// Blocks for up to `timeout`; about a millisecond. For many use [`produce_all`](EmbeddedCluster::produce_all).
    ///
    /// # Errors
    ///
    /// The broker's refusal, a malformed name, or [`Code::TIMED_OUT`], after which the message may still be written.
    pub fn produce(&self, record: &EmbeddedRecord<'_>, timeout: Duration) -> Result<(i32, i64), NativeError> {
        let until = Instant::now() + timeout;
        let ticket = self.enqueue(record, until)?;
        self.wait(&[ticket], until).pop().unwrap_or_else(|| Err(NativeError::from_code(Code::FAIL)))
    }

    /// Writes many messages and waits until all are acknowledged: where each stands, in the order given.
    ///
    /// Blocks for up to `timeout`. Keep to what a partition holds (5 MiB): older messages are lost silently.
    ///
    /// # Errors
    ///
    /// The first error; others of the messages may have been written.
    pub fn produce_all<'a>(
        &self,
        records: impl IntoIterator<Item = EmbeddedRecord<'a>>,
        timeout: Duration,
    ) -> Result<Vec<(i32, i64)>, NativeError> {
        let until = Instant::now() + timeout;
        let mut tickets = Vec::new();
        let mut refused = None;
        for record in records {
            match self.enqueue(&record, until) {
                Ok(ticket) => tickets.push(ticket),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        let outcomes = self.wait(&tickets, until);
        match refused {
            Some(error) => Err(error),
            None => outcomes.into_iter().collect(),
        }
    }

    fn enqueue(&self, record: &EmbeddedRecord<'_>, until: Instant) -> Result<Ticket, NativeError> {
        let ticket = self.deliveries.open();
        loop {
            // SAFETY: a live producer whose delivery reports read tickets.
            match unsafe { record.enqueue(self.producer.as_ptr(), ticket) } {
                Ok(()) => return Ok(ticket),
                Err(error) if error.code == Code::QUEUE_FULL && Instant::now() < until => {
                    // SAFETY: a live producer.
                    unsafe { sys::rd_kafka_poll(self.producer.as_ptr(), 10) };
                }
                Err(error) => {
                    self.deliveries.close(ticket);
                    return Err(error);
                }
            }
        }
    }

    /// Serves delivery reports until all of these are known or the time is over.
    fn wait(&self, tickets: &[Ticket], until: Instant) -> Vec<Outcome> {
        while self.deliveries.any_missing(tickets) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            // Flushing sends at once what lingers. It returns when everything is sent, also what others have written.
            // SAFETY: a live producer.
            unsafe {
                sys::rd_kafka_flush(self.producer.as_ptr(), raw::milliseconds(left.min(Duration::from_millis(100))))
            };
        }
        let timed_out =
            || NativeError::new(Code::TIMED_OUT, "the embedded cluster has not acknowledged the message in time");
        tickets.iter().map(|ticket| self.deliveries.close(*ticket).unwrap_or_else(|| Err(timed_out()))).collect()
    }

    /// Makes the next requests of this kind fail, one with each code, whoever sends them; [`Code::NO_ERROR`] lets one
    /// pass.
    ///
    /// `api_key` is the protocol's number: 0 `Produce`, 1 `Fetch`, 3 `Metadata`, 8 `OffsetCommit`, 9 `OffsetFetch`,
    /// 10 `FindCoordinator`, 11 `JoinGroup`, 12 `Heartbeat`, 68 `ConsumerGroupHeartbeat`.
    pub fn push_request_errors(&self, api_key: i16, codes: &[Code]) {
        let numbers: Vec<i32> = codes.iter().map(|code| code.number()).collect();
        // SAFETY: a live cluster, and an array of that length.
        unsafe {
            raw::rd_kafka_mock_push_request_errors_array(self.cluster(), api_key, numbers.len(), numbers.as_ptr());
        };
    }

    /// Takes back the failures that are still to come for this kind of request.
    pub fn clear_request_errors(&self, api_key: i16) {
        // SAFETY: a live cluster.
        unsafe { sys::rd_kafka_mock_clear_request_errors(self.cluster(), api_key) };
    }

    /// Makes this broker the coordinator of a group.
    pub fn set_coordinator(&self, group_id: &str, broker: i32) -> Result<(), NativeError> {
        let group = raw::to_c("group id", group_id)?;
        // SAFETY: live cluster and names.
        let code =
            unsafe { sys::rd_kafka_mock_coordinator_set(self.cluster(), c"group".as_ptr(), group.as_ptr(), broker) };
        NativeError::check(code as i32)
    }

    /// Makes this broker the leader of a partition; `None` leaves it without one.
    pub fn set_leader(&self, topic: &str, partition: i32, broker: Option<i32>) -> Result<(), NativeError> {
        let name = raw::to_c("topic", topic)?;
        // SAFETY: live cluster and name.
        let code = unsafe {
            sys::rd_kafka_mock_partition_set_leader(self.cluster(), name.as_ptr(), partition, broker.unwrap_or(-1))
        };
        NativeError::check(code as i32)
    }

    /// Takes a broker down: its connections are closed and new ones refused.
    pub fn broker_down(&self, broker: i32) -> Result<(), NativeError> {
        // SAFETY: a live cluster.
        NativeError::check(unsafe { sys::rd_kafka_mock_broker_set_down(self.cluster(), broker) } as i32)
    }

    /// Brings a broker back, with what it held.
    pub fn broker_up(&self, broker: i32) -> Result<(), NativeError> {
        // SAFETY: a live cluster.
        NativeError::check(unsafe { sys::rd_kafka_mock_broker_set_up(self.cluster(), broker) } as i32)
    }

    /// Delays every answer of every broker by this much, to the millisecond.
    pub fn round_trip(&self, delay: Duration) -> Result<(), NativeError> {
        // SAFETY: a live cluster; -1 means all brokers.
        NativeError::check(
            unsafe { sys::rd_kafka_mock_broker_set_rtt(self.cluster(), -1, raw::milliseconds(delay)) } as i32
        )
    }

    /// Makes a broker say in its metadata that it is to be reached here: where a forwarder of yours listens.
    ///
    /// The cluster's own ports stay open and [`bootstrap`](EmbeddedCluster::bootstrap) names them; clients go over to
    /// the advertised address once they have metadata, and so does [`produce`](EmbeddedCluster::produce): start the
    /// forwarder first.
    pub fn advertise(&self, broker: i32, host: &str, port: u16) -> Result<(), NativeError> {
        let host = raw::to_c("host", host)?;
        // SAFETY: live cluster and name, which is copied.
        unsafe { sys::rd_kafka_mock_broker_set_host_port(self.cluster(), broker, host.as_ptr(), i32::from(port)) };
        Ok(())
    }
}

impl Drop for EmbeddedCluster {
    fn drop(&mut self) {
        struct Parts(NonNull<sys::rd_kafka_t>, Arc<Deliveries>);
        // SAFETY: the producer may be destroyed on any thread, and this is its only owner now.
        unsafe impl Send for Parts {}
        impl Parts {
            fn destroy(self) {
                // SAFETY: alive, ours, and used by nobody after this. What was not acknowledged is given up: waiting
                // for it would keep a process from ending. The deliveries go after the last report.
                unsafe {
                    sys::rd_kafka_purge(self.0.as_ptr(), sys::RD_KAFKA_PURGE_F_QUEUE | sys::RD_KAFKA_PURGE_F_INFLIGHT);
                    sys::rd_kafka_destroy(self.0.as_ptr());
                }
                drop(self.1);
            }
        }
        let parts = std::mem::ManuallyDrop::new(Parts(self.producer, Arc::clone(&self.deliveries)));
        // Should no thread be had, the cluster is leaked rather than awaited: `ManuallyDrop` keeps the deliveries.
        let _ = std::thread::Builder::new()
            .name("embedded-destroy".into())
            .spawn(move || std::mem::ManuallyDrop::into_inner(parts).destroy());
    }
}

impl fmt::Debug for EmbeddedCluster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EmbeddedCluster")
            .field("bootstrap", &self.bootstrap())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
