//! Where the replies of one reply topic are read.

use crate::wire::Wire;
use bytes::Bytes;
use std::sync::Arc;

/// A reply topic and the partition of it that this instance reads, as they stand in the headers of requests.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    topic: Arc<str>,
    header: Bytes,
    text: Bytes,
    number: Bytes,
}

impl Place {
    pub(super) fn new(topic: &Arc<str>, partition: i32) -> Self {
        Self {
            topic: Arc::clone(topic),
            header: Bytes::copy_from_slice(topic.as_bytes()),
            text: partition.to_string().into(),
            number: Bytes::copy_from_slice(&partition.to_be_bytes()),
        }
    }

    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    /// The topic as a header.
    pub(super) fn header(&self) -> Bytes {
        self.header.clone()
    }

    /// The partition as a header.
    pub(super) fn partition(&self, wire: Wire) -> Bytes {
        match wire {
            Wire::Nest => self.text.clone(),
            Wire::Spring => self.number.clone(),
        }
    }
}

/// Which of a topic's partitions an instance reads. The numbers of instances are random, and so is the spread.
pub(super) fn choose(partitions: &[i32], instance: u64) -> Option<i32> {
    let count = u64::try_from(partitions.len()).ok().filter(|count| *count > 0)?;
    partitions.get(usize::try_from(instance % count).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_text_for_nest_and_bytes_for_spring() {
        let place = Place::new(&"math.sum.reply".into(), 258);
        assert_eq!(place.partition(Wire::Nest), "258");
        assert_eq!(place.partition(Wire::Spring), &[0, 0, 1, 2][..]);
        assert_eq!(place.header(), "math.sum.reply");
    }

    #[test]
    fn instances_spread_over_the_partitions_that_there_are() {
        assert_eq!(choose(&[], 7), None);
        assert_eq!(choose(&[4], u64::MAX), Some(4));
        let chosen: Vec<_> = (0..4).map(|instance| choose(&[0, 1, 5], instance)).collect();
        assert_eq!(chosen, [Some(0), Some(1), Some(5), Some(0)]);
    }
}
