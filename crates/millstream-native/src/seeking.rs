//! Moving where a partition is read.

use std::time::Duration;

use rdkafka_sys::bindings as sys;

use crate::client::Client;
use crate::code::Code;
use crate::error::NativeError;
use crate::partition_list::{self, PartitionList};
use crate::raw;

impl Client {
    /// Continues reading at `offset`, without waiting for it to begin.
    ///
    /// librdkafka raises the partition's version inside this call, before it returns:
    /// [`PartitionQueue::take`](crate::PartitionQueue::take) returns no message fetched before the seek afterwards,
    /// though a batch filled earlier keeps its own. The new position itself is taken over by librdkafka's thread, which
    /// refuses it with [`Code::STATE`] when the partition is assigned but fetching has not started; *that refusal is
    /// not reported here*, and the partition then starts where it was assigned. Where this can happen (right after an
    /// assign) use [`Client::seek_wait`]. On an idle partition the first message takes up to `fetch.wait.max.ms`, as
    /// the fetch under way must end first.
    ///
    /// # Errors
    ///
    /// [`Code::UNKNOWN_PARTITION`] when the client has never had the partition; a malformed name.
    pub fn seek(&self, topic: &str, partition: i32, offset: i64) -> Result<(), NativeError> {
        self.seek_within(topic, partition, offset, 0)
    }

    /// As [`Client::seek`], and waits until librdkafka has taken the position over: then [`Code::STATE`] is reported.
    ///
    /// Blocks for up to `timeout` (usually well below a millisecond) and holds the gate meanwhile: other partitions'
    /// [`PartitionQueue::take`](crate::PartitionQueue::take) wait too.
    ///
    /// # Errors
    ///
    /// As for [`Client::seek`]; [`Code::STATE`] when fetching has not started (try again); [`Code::TIMED_OUT`].
    pub fn seek_wait(&self, topic: &str, partition: i32, offset: i64, timeout: Duration) -> Result<(), NativeError> {
        self.seek_within(topic, partition, offset, raw::milliseconds(timeout).max(1))
    }

    fn seek_within(&self, topic: &str, partition: i32, offset: i64, timeout: i32) -> Result<(), NativeError> {
        let list = PartitionList::with_offsets([(topic, partition, offset)].into_iter())?;
        let _gate = self.handle().gate();
        // SAFETY: live client and list; the error object becomes ours.
        unsafe { NativeError::check_object(sys::rd_kafka_seek_partitions(self.raw(), list.as_ptr(), timeout))? };
        // SAFETY: the list is alive and has the one element.
        let error = unsafe {
            partition_list::elements(list.as_ptr()).next().and_then(|element| partition_list::error_of(element))
        };
        match error {
            None | Some(Code::IN_PROGRESS) => Ok(()),
            Some(code) => {
                Err(NativeError::new(code, format!("cannot seek {topic}/{partition} to offset {offset}: {code}")))
            }
        }
    }
}
