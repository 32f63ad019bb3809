//! librdkafka's properties that are not the user's to set.

use super::said::Refusal;

/// The property, why it is refused, and what to use instead.
const OWNED: &[(&str, &str, &str)] = &[
    ("bootstrap.servers", "is made from `brokers`", "set `[kafka] brokers`, or those of the cluster"),
    ("metadata.broker.list", "is made from `brokers`", "set `[kafka] brokers`, or those of the cluster"),
    ("client.id", "is made from `client_id`", "set `[kafka] client_id`, or that of the cluster"),
    ("group.id", "is made from `group_id`", "set `group_id` in `[kafka]`, on the consumer or on the listener"),
    (
        "group.instance.id",
        "is made from `group_instance_id`",
        "set `group_instance_id` in `[kafka]` or `[kafka.groups.NAME]`",
    ),
    ("group.protocol", PROTOCOL, USE_PROTOCOL),
    ("partition.assignment.strategy", PROTOCOL, USE_PROTOCOL),
    ("group.protocol.type", PROTOCOL, USE_PROTOCOL),
    (
        "enable.auto.commit",
        COMMITS,
        "leave it out: a handled message is committed; `auto_commit = false` on a listener leaves it to the method",
    ),
    (
        "auto.commit.enable",
        COMMITS,
        "leave it out: a handled message is committed; `auto_commit = false` on a listener leaves it to the method",
    ),
    ("enable.auto.offset.store", COMMITS, "leave it out: a message is committed once it is settled"),
    ("auto.commit.interval.ms", COMMITS, "set `commit_interval`"),
    ("offset.store.method", COMMITS, "leave it out"),
    ("offset.store.path", COMMITS, "leave it out"),
    ("offset.store.sync.interval.ms", COMMITS, "leave it out"),
    (
        "auto.offset.reset",
        "would skip messages without a word; where a group starts, and what follows a lost position, are two questions",
        "set `start` and `on_lost_position` on the listener",
    ),
    ("enable.partition.eof", "the engine decides it", "leave it out"),
    ("enabled_events", "the engine decides which events it gets", "leave it out"),
    (
        "log.queue",
        "the engine takes librdkafka's log lines into its own log",
        "set `[log]`, and `debug` for more lines",
    ),
    (
        "allow.auto.create.topics",
        "a topic that reading creates has partitions that nobody chose",
        "set `missing_topics`",
    ),
    ("delivery.report.only.error", "every send is answered with where the message stands", "leave it out"),
    (
        "transactional.id",
        "there are no transactions yet",
        "leave it out; a message is written once within a session as it is",
    ),
    ("queued.min.messages", BUDGET, USE_MEMORY),
    ("queued.max.messages.kbytes", BUDGET, USE_MEMORY),
    ("fetch.message.max.bytes", BUDGET, USE_MEMORY),
    ("max.partition.fetch.bytes", BUDGET, USE_MEMORY),
    ("test.mock.num.brokers", "the embedded broker is a cluster's own", "set `brokers = [\"embedded\"]`"),
];

const PROTOCOL: &str = "is made from `group_protocol`, because the engine has to answer rebalances in its way";
const USE_PROTOCOL: &str = "set `group_protocol` to \"cooperative\", \"eager\" or \"consumer\"";
const COMMITS: &str = "a second writer of positions would let them pass messages that are not settled";
const BUDGET: &str = "is made from `memory` and the number of partitions";
const USE_MEMORY: &str = "set `memory` in `[kafka]` or `[kafka.groups.NAME]`";

/// Properties of the classic group protocol. With the other one the broker decides, and librdkafka makes no client.
const CLASSIC: [&str; 2] = ["session.timeout.ms", "heartbeat.interval.ms"];

/// Properties of the protocol in which the broker decides.
const CONSUMER: [&str; 1] = ["group.remote.assignor"];

/// Properties that only members of groups have a use for, beside those of one protocol.
const MEMBERS: [&str; 2] = ["max.poll.interval.ms", "coordinator.query.interval.ms"];

/// Why the property is refused, if it is.
pub(super) fn refusal(name: &str) -> Option<Refusal> {
    OWNED.iter().find(|(owned, ..)| *owned == name).map(|(_, rule, fix)| Refusal::new(*rule).fix(*fix))
}

pub(super) fn is_classic_only(name: &str) -> bool {
    CLASSIC.contains(&name)
}

pub(super) fn is_consumer_only(name: &str) -> bool {
    CONSUMER.contains(&name)
}

/// Whether it is about being in a group.
pub(super) fn is_of_members(name: &str) -> bool {
    is_classic_only(name) || is_consumer_only(name) || MEMBERS.contains(&name)
}

/// Whether it is about authentication or encryption, of which the embedded broker has none.
pub(super) fn is_security(name: &str) -> bool {
    let families = ["security.", "sasl.", "ssl.", "ssl_", "https.", "enable.ssl.", "enable.sasl."];
    families.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_property_is_one_of_librdkafka() {
        let owned = OWNED.iter().map(|(name, ..)| *name);
        for name in owned.chain(CLASSIC).chain(CONSUMER).chain(MEMBERS) {
            assert!(millstream_native::properties::role(name).is_some(), "{name}");
        }
    }
}
