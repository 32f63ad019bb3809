//! Begins to read a partition again that librdkafka has given up.
//!
//! With `auto.offset.reset=error` it ends the reading of a partition whose position is lost and refuses every seek from
//! then on. Only an assignment begins it again.

use super::{Phase, Rebalance, Subscription};
use crate::engine::committer::Key;
use millstream_native::{Client, NativeError, RebalanceProtocol, StartAt, TopicPartition};
use std::sync::Arc;
use std::time::Instant;

impl Subscription {
    /// Assigns the partition anew, to be read from `offset`. Nothing happens while a rebalance is unanswered, as this would
    /// be taken for the answer: whoever asks, asks again.
    pub(crate) fn read_again(&mut self, key: &Key, offset: i64, now: Instant) {
        // A rebalance that has come meanwhile is seen first.
        self.turn(now);
        let quiet = matches!(self.phase, Phase::Running) && matches!(self.rebalance, Rebalance::None);
        let Some(client) = self.client.as_ref().filter(|_| quiet && self.slots.contains_key(key)) else { return };
        let again = match client.protocol() {
            RebalanceProtocol::Cooperative => assign_one(client, key, offset),
            _ => client.assign(&self.everything(key, offset)),
        };
        if let Err(error) = again {
            tracing::warn!(topic = %key.0, partition = key.1, offset, %error, "the partition could not be read again");
        }
    }

    /// Where every partition is read, for the protocol that knows whole assignments only. What was handed out and is not
    /// settled comes twice and is dropped by its offset.
    fn everything<'a>(&'a self, moved: &Key, offset: i64) -> Vec<StartAt<'a>> {
        let starts = self.slots.iter().filter_map(|(key, slot)| {
            let unsettled = slot.lanes().filter_map(|lane| lane.frontier.offset()).min();
            let offset = if key == moved { offset } else { unsettled? };
            Some(StartAt { topic: &key.0, partition: key.1, offset })
        });
        starts.collect()
    }
}

fn assign_one(client: &Client, key: &Key, offset: i64) -> Result<(), NativeError> {
    client.incremental_unassign(&[TopicPartition::new(Arc::clone(&key.0), key.1)])?;
    client.incremental_assign(&[StartAt { topic: &key.0, partition: key.1, offset }])
}
