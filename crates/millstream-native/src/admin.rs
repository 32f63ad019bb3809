//! Questions to the brokers whose answers come as events: commits, committed positions, offsets.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::time::Duration;

use rdkafka_sys::bindings as sys;

use crate::client::Client;
use crate::code::Code;
use crate::error::NativeError;
use crate::event::{CommittedPosition, Event, NativeEvent, OffsetAnswer};
use crate::partition_list::{self, Names, PartitionList, SharedNames};
use crate::raw;
use crate::topic_partition::{Position, TopicPartition};

// A request's number travels through librdkafka as a pointer.
const _: () = assert!(size_of::<usize>() >= size_of::<u64>(), "request numbers need a 64-bit target");

/// Which offset of a partition to look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first offset that exists.
    Earliest,
    /// The offset after the last message; with `isolation.level=read_committed` (librdkafka's default) after the last
    /// one that such a reader may see.
    Latest,
    /// The first message at or after this time, in milliseconds since 1970.
    Timestamp(i64),
}

impl Client {
    /// Commits these positions; the answer is [`Event::Committed`] with the same `request`.
    ///
    /// Neither waits nor retries, and several may be under way. A commit is *not* fenced by the assignment:
    /// the broker takes it from any live member of the group.
    ///
    /// # Errors
    ///
    /// An empty list, a malformed topic name, or a client without a group; then no event follows.
    pub fn commit(&self, request: u64, positions: &[Position<'_>]) -> Result<(), NativeError> {
        if positions.is_empty() {
            return Err(NativeError::new(Code::INVALID_ARGUMENT, "a commit of no position; name at least one"));
        }
        let mut list = PartitionList::new(positions.len())?;
        let mut names = Names::default();
        let raw_client = self.raw();
        for position in positions {
            let element = list.add(names.get(position.topic)?, position.partition);
            // SAFETY: the element was added just now and no other has been since. The metadata must come from
            // librdkafka's allocator, as the list frees it.
            unsafe {
                (*element).offset = position.offset;
                if let Some(epoch) = position.leader_epoch {
                    sys::rd_kafka_topic_partition_set_leader_epoch(element, epoch);
                }
                if let Some(metadata) = position.metadata.filter(|metadata| !metadata.is_empty()) {
                    let copy = sys::rd_kafka_mem_malloc(raw_client, metadata.len());
                    if copy.is_null() {
                        return Err(NativeError::new(Code::FAIL, "no memory for the metadata of a commit"));
                    }
                    std::ptr::copy_nonoverlapping(metadata.as_ptr(), copy.cast::<u8>(), metadata.len());
                    (*element).metadata = copy;
                    (*element).metadata_size = metadata.len();
                }
            }
        }
        // SAFETY: live client, list and queue; the list is copied. Without a callback the answer comes as an event that
        // carries the opaque, a number and not a pointer.
        let code = unsafe {
            sys::rd_kafka_commit_queue(raw_client, list.as_ptr(), self.handle().reply(), None, opaque(request))
        };
        NativeError::check(code as i32)
    }

    /// Asks for the positions that a group has committed; the answer is [`Event::CommittedPositions`] with the same
    /// `request`.
    ///
    /// Never blocks. `timeout` bounds the whole question; when it passes, the answer is an error with
    /// [`Code::TIMED_OUT`]. With `isolation.level=read_committed` a position that an open transaction may still change
    /// is answered with [`Code::UNSTABLE_OFFSET_COMMIT`]: ask again. Works on librdkafka's mock cluster.
    ///
    /// # Errors
    ///
    /// An empty list, or a malformed name; then no event follows.
    pub fn committed(
        &self,
        request: u64,
        group_id: &str,
        partitions: &[(&str, i32)],
        timeout: Duration,
    ) -> Result<(), NativeError> {
        refuse_empty(partitions.is_empty(), "the committed positions of no partition")?;
        let group = raw::to_c("group id", group_id)?;
        let list =
            PartitionList::with_offsets(partitions.iter().map(|(topic, partition)| (*topic, *partition, -1001)))?;
        let options =
            Options::new(self, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, request, timeout)?;
        let stable = i32::from(self.reads_committed());
        let client = self.handle().client();
        // SAFETY: live client, options, list and name. The query copies list and name, and is copied by the call; it
        // and the error object are freed here. The reply queue lives as long as the client.
        unsafe {
            NativeError::check_object(sys::rd_kafka_AdminOptions_set_require_stable_offsets(options.as_ptr(), stable))?;
            let mut query = sys::rd_kafka_ListConsumerGroupOffsets_new(group.as_ptr(), list.as_ptr());
            sys::rd_kafka_ListConsumerGroupOffsets(client, &raw mut query, 1, options.as_ptr(), self.handle().reply());
            sys::rd_kafka_ListConsumerGroupOffsets_destroy(query);
        }
        Ok(())
    }

    /// Looks up offsets; the answer is [`Event::Offsets`] with the same `request`.
    ///
    /// Never blocks; `timeout` as in [`Client::committed`]. On librdkafka's mock cluster `Earliest` and `Latest`
    /// are right, and a timestamp is always answered as if every message were older than it.
    ///
    /// A partition without a leader, or that does not exist, is an error of its own beside others; where that is so for
    /// all, the whole answer is [`Code::LEADER_NOT_AVAILABLE`].
    ///
    /// # Errors
    ///
    /// An empty list, a negative partition or timestamp, or a malformed name; then no event follows.
    pub fn offsets(
        &self,
        request: u64,
        wanted: &[(&str, i32, OffsetSpec)],
        timeout: Duration,
    ) -> Result<(), NativeError> {
        refuse_empty(wanted.is_empty(), "the offsets of no partition")?;
        for (topic, partition, spec) in wanted {
            if let OffsetSpec::Timestamp(..0) = spec {
                let reason =
                    format!("the time asked for in {topic}/{partition} is before 1970; ask for the earliest offset");
                return Err(NativeError::new(Code::INVALID_ARGUMENT, reason));
            }
        }
        let list = PartitionList::with_offsets(wanted.iter().map(|(topic, partition, spec)| {
            let offset = match spec {
                OffsetSpec::Earliest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_EARLIEST as i64,
                OffsetSpec::Latest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_LATEST as i64,
                OffsetSpec::Timestamp(milliseconds) => *milliseconds,
            };
            (*topic, *partition, offset)
        }))?;
        let options = Options::new(self, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTOFFSETS, request, timeout)?;
        let isolation = if self.reads_committed() {
            sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
        } else {
            sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED
        };
        // SAFETY: live client, options and list, all copied by the call; the reply queue lives as long as the client.
        unsafe {
            NativeError::check_object(sys::rd_kafka_AdminOptions_set_isolation_level(options.as_ptr(), isolation))?;
            sys::rd_kafka_ListOffsets(self.handle().client(), list.as_ptr(), options.as_ptr(), self.handle().reply());
        }
        Ok(())
    }

    fn reads_committed(&self) -> bool {
        let mut buffer = [0_u8; 64];
        let mut size = buffer.len();
        // SAFETY: a live client's configuration, a terminated name, and a writable buffer with its size.
        let known = unsafe {
            let configuration = sys::rd_kafka_conf(self.handle().client());
            let name = c"isolation.level";
            sys::rd_kafka_conf_get(configuration, name.as_ptr(), buffer.as_mut_ptr().cast(), &raw mut size)
        };
        known == sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK && raw::buffer_text(&buffer) == "read_committed"
    }
}

pub(crate) fn refuse_empty(empty: bool, what: &str) -> Result<(), NativeError> {
    if empty {
        return Err(NativeError::new(Code::INVALID_ARGUMENT, format!("{what} were asked for; name at least one")));
    }
    Ok(())
}

fn opaque(request: u64) -> *mut c_void {
    #[allow(clippy::cast_possible_truncation, reason = "asserted above: an address holds it")]
    std::ptr::without_provenance_mut(request as usize)
}

/// Options of one question; freed on drop.
pub(crate) struct Options(NonNull<sys::rd_kafka_AdminOptions_t>);

impl Options {
    pub(crate) fn new(
        client: &Client,
        operation: sys::rd_kafka_admin_op_t,
        request: u64,
        timeout: Duration,
    ) -> Result<Options, NativeError> {
        // SAFETY: a live client.
        let options = NonNull::new(unsafe { sys::rd_kafka_AdminOptions_new(client.handle().client(), operation) })
            .map(Options)
            .ok_or_else(|| NativeError::from_code(Code::FAIL))?;
        let mut buffer = [0_u8; 256];
        // librdkafka takes 0 to 1 hour.
        let timeout = raw::milliseconds(timeout).min(3_600_000);
        // SAFETY: live options, and a writable buffer with its size.
        let code = unsafe {
            sys::rd_kafka_AdminOptions_set_opaque(options.as_ptr(), opaque(request));
            let text = buffer.as_mut_ptr().cast();
            sys::rd_kafka_AdminOptions_set_request_timeout(options.as_ptr(), timeout, text, buffer.len())
        };
        match Code::from_number(code as i32).to_error() {
            None => Ok(options),
            Some(code) => Err(NativeError::new(code, raw::buffer_text(&buffer))),
        }
    }

    pub(crate) fn as_ptr(&self) -> *mut sys::rd_kafka_AdminOptions_t {
        self.0.as_ptr()
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: ours, and used by nobody after this: librdkafka copies options.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.as_ptr()) };
    }
}

pub(crate) fn committed_answer(event: &NativeEvent) -> Event {
    let result = match event.failure() {
        Some(error) => Err(error),
        None => committed_positions(event),
    };
    Event::CommittedPositions { request: event.request(), result }
}

fn committed_positions(event: &NativeEvent) -> Result<Vec<CommittedPosition>, NativeError> {
    let mut positions = Vec::new();
    let mut names = SharedNames::default();
    // SAFETY: a live event of this type; everything reached from it lives as long as it does and is only read.
    unsafe {
        let mut count = 0;
        let answer = sys::rd_kafka_event_ListConsumerGroupOffsets_result(event.as_ptr());
        let groups = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(answer, &raw mut count);
        for index in 0..count {
            let group = *groups.add(index);
            let error = sys::rd_kafka_group_result_error(group);
            if !error.is_null() {
                return Err(NativeError::read_object(error));
            }
            for element in partition_list::elements(sys::rd_kafka_group_result_partitions(group)) {
                let read = partition_list::read(element);
                positions.push(CommittedPosition {
                    at: TopicPartition { topic: names.get(&read.topic), partition: read.partition },
                    offset: (read.offset >= 0).then_some(read.offset),
                    leader_epoch: read.leader_epoch,
                    metadata: read.metadata,
                    error: read.error,
                });
            }
        }
    }
    Ok(positions)
}

pub(crate) fn offsets_answer(event: &NativeEvent) -> Event {
    let result = match event.failure() {
        // librdkafka's "no entry": for none of the partitions is there a broker to ask.
        Some(error) if error.code == Code::NO_ENTRY => Err(NativeError::new(Code::LEADER_NOT_AVAILABLE, error.reason)),
        Some(error) => Err(error),
        None => Ok(offsets(event)),
    };
    Event::Offsets { request: event.request(), result }
}

fn offsets(event: &NativeEvent) -> Vec<OffsetAnswer> {
    let mut names = SharedNames::default();
    let mut answers = Vec::new();
    // SAFETY: a live event of this type; everything reached from it lives as long as it does and is only read.
    unsafe {
        let mut count = 0;
        let answer = sys::rd_kafka_event_ListOffsets_result(event.as_ptr());
        let infos = sys::rd_kafka_ListOffsets_result_infos(answer, &raw mut count);
        for index in 0..count {
            let element = sys::rd_kafka_ListOffsetsResultInfo_topic_partition(*infos.add(index));
            let read = partition_list::read(element);
            let at = TopicPartition { topic: names.get(&read.topic), partition: read.partition };
            let result = match read.error {
                Some(code) => Err(code),
                None => Ok((read.offset >= 0).then_some(read.offset)),
            };
            answers.push(OffsetAnswer { at, result });
        }
    }
    answers
}
