//! What a group hands to its member, and the queues of it.

use rdkafka_sys::bindings as sys;

use crate::client::Client;
use crate::error::NativeError;
use crate::partition_list::PartitionList;
use crate::partition_queue::PartitionQueue;
use crate::raw;
use crate::topic_partition::{StartAt, TopicPartition};
use crate::wake::Waker;

/// How a group hands partitions over: which pair of calls answers [`Event::Assign`](crate::Event::Assign) and
/// [`Event::Revoke`](crate::Event::Revoke).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebalanceProtocol {
    /// Not known yet: the client has not joined a group.
    None,
    /// Everything is given back and handed out anew: [`Client::assign`] and [`Client::unassign`].
    Eager,
    /// Only what moves is named: [`Client::incremental_assign`] and [`Client::incremental_unassign`]. KIP-848 groups
    /// too.
    Cooperative,
}

impl Client {
    /// Subscribes to exactly these topics; a name that begins with `^` is a pattern (POSIX extended, in librdkafka's
    /// own engine).
    ///
    /// What the group hands out comes as [`Event::Assign`](crate::Event::Assign). Replaces an earlier subscription.
    ///
    /// # Errors
    ///
    /// An empty list, an empty or malformed name, a pattern that does not compile, or a client that is closed or dead.
    pub fn subscribe(&self, topics: &[&str]) -> Result<(), NativeError> {
        let list = PartitionList::with_offsets(topics.iter().map(|topic| (*topic, -1, -1001)))?;
        // SAFETY: live client and list; librdkafka copies the list.
        NativeError::check(unsafe { raw::rd_kafka_subscribe(self.raw(), list.as_ptr()) })
    }

    /// Leaves the group and gives up the assignment; the partitions come back as
    /// [`Event::Revoke`](crate::Event::Revoke).
    pub fn unsubscribe(&self) -> Result<(), NativeError> {
        // SAFETY: a live client.
        NativeError::check(unsafe { raw::rd_kafka_unsubscribe(self.raw()) })
    }

    /// How the group hands partitions over. Waits for librdkafka's own thread, which answers at once.
    pub fn protocol(&self) -> RebalanceProtocol {
        // SAFETY: a live client; the answer is a static string or null.
        match &*unsafe { raw::text(sys::rd_kafka_rebalance_protocol(self.raw())) } {
            "EAGER" => RebalanceProtocol::Eager,
            "COOPERATIVE" => RebalanceProtocol::Cooperative,
            _ => RebalanceProtocol::None,
        }
    }

    /// Makes these partitions the whole assignment: the eager answer to [`Event::Assign`](crate::Event::Assign).
    ///
    /// An explicit offset of 0 or more starts fetching at once, without asking the broker for the position first.
    pub fn assign(&self, partitions: &[StartAt<'_>]) -> Result<(), NativeError> {
        let list = start_list(partitions)?;
        let _gate = self.handle().gate();
        // SAFETY: live client and list; librdkafka copies the list.
        NativeError::check(unsafe { raw::rd_kafka_assign(self.raw(), list.as_ptr()) })
    }

    /// Adds these partitions to the assignment: the cooperative answer to [`Event::Assign`](crate::Event::Assign).
    ///
    /// An empty list is a valid answer and must be given too.
    pub fn incremental_assign(&self, partitions: &[StartAt<'_>]) -> Result<(), NativeError> {
        let list = start_list(partitions)?;
        let _gate = self.handle().gate();
        // SAFETY: live client and list; the error object becomes ours.
        unsafe { NativeError::check_object(sys::rd_kafka_incremental_assign(self.raw(), list.as_ptr())) }
    }

    /// Gives up the whole assignment: the eager answer to [`Event::Revoke`](crate::Event::Revoke), and the answer to
    /// [`Event::RebalanceError`](crate::Event::RebalanceError).
    pub fn unassign(&self) -> Result<(), NativeError> {
        let _gate = self.handle().gate();
        // SAFETY: a live client; null means none.
        NativeError::check(unsafe { raw::rd_kafka_assign(self.raw(), std::ptr::null()) })
    }

    /// Gives up these partitions: the cooperative answer to [`Event::Revoke`](crate::Event::Revoke).
    pub fn incremental_unassign(&self, partitions: &[TopicPartition]) -> Result<(), NativeError> {
        let list = PartitionList::with_offsets(partitions.iter().map(|at| (&*at.topic, at.partition, -1001)))?;
        let _gate = self.handle().gate();
        // SAFETY: live client and list; the error object becomes ours.
        unsafe { NativeError::check_object(sys::rd_kafka_incremental_unassign(self.raw(), list.as_ptr())) }
    }

    /// Whether the group has given the assignment to others without asking. Nothing may be committed for it then.
    pub fn assignment_lost(&self) -> bool {
        // SAFETY: a live client.
        unsafe { sys::rd_kafka_assignment_lost(self.raw()) != 0 }
    }

    /// A queue of its own for one partition: from now on its messages come only there.
    ///
    /// Call it *before* the partition is assigned, inside the unanswered [`Event::Assign`](crate::Event::Assign);
    /// later, messages may already be on their way to the main queue
    /// ([`Event::StrayMessage`](crate::Event::StrayMessage)). `wake` is called when the queue gets its first message
    /// after it was empty. A later queue of the same partition takes the messages and the waking over from an earlier
    /// one that still lives.
    ///
    /// # Errors
    ///
    /// A malformed topic name, or a client without a group.
    pub fn partition_queue(&self, topic: &str, partition: i32, wake: Waker) -> Result<PartitionQueue, NativeError> {
        PartitionQueue::split(self.handle(), topic, partition, wake)
    }
}

fn start_list(partitions: &[StartAt<'_>]) -> Result<PartitionList, NativeError> {
    PartitionList::with_offsets(partitions.iter().map(|at| (at.topic, at.partition, at.offset)))
}
