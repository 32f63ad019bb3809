//! The properties that a group member's client is made with.
//!
//! Ours come first, the user's replace them, and what section "What always holds" of DESIGN.md depends on
//! comes last: configuration refuses those names long before.

use crate::plan::{GroupProtocol, SubscriptionPlan};
use std::collections::BTreeMap;

/// librdkafka's own cost of a queued message beside its bytes (measured).
const OPERATION: u64 = 310;

/// How clients connect. librdkafka looks for a connection to make every half of the first wait, so that the default of
/// 100 ms costs each new client 50 ms (measured: 105 ms from start to first message, 53 with 10).
pub(crate) const CONNECTING: [(&str, &str); 2] = [("reconnect.backoff.ms", "10"), ("reconnect.backoff.max.ms", "1000")];

/// How much one partition may prefetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefetch {
    /// The share of the budget that one partition has.
    pub(crate) share: u64,
    /// The largest part of one response.
    pub(crate) fetch_bytes: u64,
    /// Fetching stops at this many queued bytes..
    pub(crate) queued_kilobytes: u64,
    /// .. or this many queued messages.
    pub(crate) queued_messages: u64,
}

impl Prefetch {
    /// Divides the budget over the partitions, as if this member had to read them all. librdkafka looks at
    /// its limits before a fetch and may pass them by one fetch; small messages cost more in bookkeeping
    /// than in bytes. Half of the share is left for that.
    pub(crate) fn divide(budget: u64, partitions: usize) -> Self {
        let share = budget / u64::try_from(partitions.max(1)).unwrap_or(u64::MAX);
        Self {
            share,
            fetch_bytes: (share / 8).clamp(16 * 1024, 1024 * 1024),
            queued_kilobytes: (share / 4 / 1024).clamp(1, 2_097_151),
            queued_messages: (share / 4 / OPERATION).clamp(64, 20_000),
        }
    }

    /// The most that this many partitions hold.
    pub(crate) fn bound(self, partitions: usize) -> u64 {
        let messages = self.queued_messages * OPERATION;
        let one = self.fetch_bytes + self.queued_kilobytes * 1024 + messages;
        one.saturating_mul(u64::try_from(partitions.max(1)).unwrap_or(u64::MAX))
    }
}

/// The properties of one subscription's client.
pub(crate) fn client_properties(
    plan: &SubscriptionPlan,
    bootstrap: &str,
    embedded: bool,
    prefetch: Prefetch,
) -> Vec<(String, String)> {
    let mut properties = BTreeMap::new();
    let mut set = |name: &str, value: String| drop(properties.insert(name.to_owned(), value));
    // A full queue would otherwise postpone the next fetch by a second: 0.25 instead of 2 million messages/s.
    set("fetch.queue.backoff.ms", "5".into());
    set("queued.min.messages", prefetch.queued_messages.to_string());
    set("queued.max.messages.kbytes", prefetch.queued_kilobytes.to_string());
    set("fetch.message.max.bytes", prefetch.fetch_bytes.to_string());
    // Bounds a first fetch that left without the partition that has messages, a new assignment and a rewind
    // on an idle partition. The price is ten empty requests a second for each idle broker.
    set("fetch.wait.max.ms", if embedded { "10" } else { "100" }.into());
    for (name, value) in CONNECTING {
        set(name, value.into());
    }
    set("topic.metadata.refresh.interval.ms", "30000".into());
    set("log.connection.close", "false".into());
    set("allow.auto.create.topics", "false".into());
    match plan.protocol {
        GroupProtocol::Consumer => set("group.protocol", "consumer".into()),
        GroupProtocol::ClassicCooperative | GroupProtocol::ClassicEager => {
            let eager = plan.protocol == GroupProtocol::ClassicEager;
            let strategy = if eager { "range,roundrobin" } else { "cooperative-sticky" };
            set("group.protocol", "classic".into());
            set("partition.assignment.strategy", strategy.into());
            // After a crash the group waits this long; librdkafka's own thread sends the heartbeats, so
            // that no handler can miss one.
            set("session.timeout.ms", if embedded { "6000" } else { "10000" }.into());
            set("heartbeat.interval.ms", if embedded { "500" } else { "2000" }.into());
        }
    }
    properties.extend(plan.properties.clone());
    let mut must = |name: &str, value: &str| drop(properties.insert(name.to_owned(), value.to_owned()));
    must("bootstrap.servers", bootstrap);
    must("group.id", &plan.group_id);
    if let Some(instance) = &plan.group_instance_id {
        must("group.instance.id", instance);
    }
    must("enable.auto.commit", "false");
    must("enable.auto.offset.store", "false");
    must("auto.offset.reset", "error");
    must("enable.partition.eof", "false");
    properties.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_partitions_stay_within_the_budget() {
        let budget = 128 * 1024 * 1024;
        let prefetch = Prefetch::divide(budget, 1000);
        assert!(prefetch.bound(1000) <= budget, "{prefetch:?} is {}", prefetch.bound(1000));
    }

    #[test]
    fn a_few_partitions_prefetch_enough_to_stay_busy() {
        let prefetch = Prefetch::divide(128 * 1024 * 1024, 8);
        assert!(prefetch.queued_messages >= 10_000 && prefetch.fetch_bytes == 1024 * 1024, "{prefetch:?}");
    }
}
