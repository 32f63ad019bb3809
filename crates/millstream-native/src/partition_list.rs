//! Lists of partitions, as librdkafka takes and gives them.

use std::borrow::Cow;
use std::ffi::{CString, c_char};
use std::ptr::NonNull;
use std::sync::Arc;

use rdkafka_sys::bindings as sys;

use crate::code::Code;
use crate::error::NativeError;
use crate::raw;
use crate::topic_partition::TopicPartition;

/// A list of ours, freed on drop.
///
/// Never kept beyond one call: librdkafka caches partition references in a list that went through seek or assign, and
/// such a list, kept, makes destroying the client hang.
pub(crate) struct PartitionList(NonNull<sys::rd_kafka_topic_partition_list_t>);

impl PartitionList {
    pub(crate) fn new(capacity: usize) -> Result<PartitionList, NativeError> {
        let capacity = i32::try_from(capacity).unwrap_or(0);
        // SAFETY: the capacity is a hint, zero or more.
        NonNull::new(unsafe { sys::rd_kafka_topic_partition_list_new(capacity) })
            .map(PartitionList)
            .ok_or_else(|| NativeError::from_code(Code::FAIL))
    }

    /// A list of partitions with an offset each.
    pub(crate) fn with_offsets<'a>(
        elements: impl ExactSizeIterator<Item = (&'a str, i32, i64)>,
    ) -> Result<PartitionList, NativeError> {
        let mut list = PartitionList::new(elements.len())?;
        let mut names = Names::default();
        for (topic, partition, offset) in elements {
            let element = list.add(names.get(topic)?, partition);
            // SAFETY: the element was added just now and the list has not changed since.
            unsafe { (*element).offset = offset };
        }
        Ok(list)
    }

    /// Adds an element; the pointer is valid until the next one is added.
    pub(crate) fn add(&mut self, topic: &CString, partition: i32) -> *mut sys::rd_kafka_topic_partition_t {
        // SAFETY: the list is ours and alive; the topic is copied. librdkafka aborts rather than return null.
        unsafe { sys::rd_kafka_topic_partition_list_add(self.as_ptr(), topic.as_ptr(), partition) }
    }

    pub(crate) fn as_ptr(&self) -> *mut sys::rd_kafka_topic_partition_list_t {
        self.0.as_ptr()
    }
}

impl Drop for PartitionList {
    fn drop(&mut self) {
        // SAFETY: ours, and used by nobody after this.
        unsafe { sys::rd_kafka_topic_partition_list_destroy(self.as_ptr()) };
    }
}

/// The last topic name turned for C: lists are usually sorted by topic.
#[derive(Default)]
pub(crate) struct Names {
    last: CString,
}

impl Names {
    pub(crate) fn get(&mut self, topic: &str) -> Result<&CString, NativeError> {
        if self.last.as_bytes() != topic.as_bytes() {
            self.last = raw::to_c("topic", topic)?;
        }
        Ok(&self.last)
    }
}

/// One element of a list that belongs to librdkafka.
pub(crate) struct Element<'a> {
    pub(crate) topic: Cow<'a, str>,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) leader_epoch: Option<i32>,
    pub(crate) metadata: Option<String>,
    pub(crate) error: Option<Code>,
}

/// Reads one element.
///
/// # Safety
///
/// `element` is a live element, and its list does not change for `'a`.
pub(crate) unsafe fn read<'a>(element: *const sys::rd_kafka_topic_partition_t) -> Element<'a> {
    // SAFETY: the element lives by contract. Fields are read one by one: a reference to the whole would be undefined
    // behaviour with an error code that the bindings' enum does not list.
    unsafe {
        let metadata = (*element).metadata.cast_const().cast::<u8>();
        let size = (*element).metadata_size;
        let leader_epoch = sys::rd_kafka_topic_partition_get_leader_epoch(element);
        Element {
            topic: raw::text((*element).topic.cast_const().cast::<c_char>()),
            partition: (*element).partition,
            offset: (*element).offset,
            leader_epoch: (leader_epoch >= 0).then_some(leader_epoch),
            metadata: (!metadata.is_null() && size > 0)
                .then(|| String::from_utf8_lossy(std::slice::from_raw_parts(metadata, size)).into_owned()),
            error: error_of(element),
        }
    }
}

/// The error of one element.
///
/// # Safety
///
/// `element` is a live element.
pub(crate) unsafe fn error_of(element: *const sys::rd_kafka_topic_partition_t) -> Option<Code> {
    // SAFETY: the field holds an int that may be outside the enum, so it is read as an int.
    Code::from_number(unsafe { std::ptr::addr_of!((*element).err).cast::<i32>().read() }).to_error()
}

/// Pointers to the elements of a list; none for a null list.
///
/// # Safety
///
/// `list` is null or a live list that does not change while the pointers are used.
pub(crate) unsafe fn elements(
    list: *const sys::rd_kafka_topic_partition_list_t,
) -> impl ExactSizeIterator<Item = *const sys::rd_kafka_topic_partition_t> {
    let (first, count) = if list.is_null() {
        (std::ptr::null_mut(), 0)
    } else {
        // SAFETY: a live list by contract.
        unsafe { ((*list).elems, usize::try_from((*list).cnt).unwrap_or(0)) }
    };
    (0..count).map(move |index| first.wrapping_add(index).cast_const())
}

/// The partitions of a list; neighbours of one topic share its name.
///
/// # Safety
///
/// `list` is null or a live list.
pub(crate) unsafe fn partitions(list: *const sys::rd_kafka_topic_partition_list_t) -> Vec<TopicPartition> {
    let mut shared = SharedNames::default();
    // SAFETY: the list lives by contract and is only read.
    unsafe { elements(list) }
        .map(|element| {
            // SAFETY: an element of the same live list.
            let read = unsafe { read(element) };
            TopicPartition { topic: shared.get(&read.topic), partition: read.partition }
        })
        .collect()
}

/// Gives equal neighbours one allocation.
#[derive(Default)]
pub(crate) struct SharedNames {
    last: Option<Arc<str>>,
}

impl SharedNames {
    pub(crate) fn get(&mut self, topic: &str) -> Arc<str> {
        match &self.last {
            Some(last) if &**last == topic => Arc::clone(last),
            _ => {
                let name: Arc<str> = Arc::from(topic);
                self.last = Some(Arc::clone(&name));
                name
            }
        }
    }
}
