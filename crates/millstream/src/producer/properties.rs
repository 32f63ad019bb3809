//! The properties that a producer's client is made with.

use std::collections::BTreeMap;

/// Ours; the user's replace them.
const DEFAULTS: [(&str, &str); 6] = [
    // Equal keys meet in the partition that Java's and kafkajs' producers choose.
    ("partitioner", "murmur2_random"),
    ("acks", "all"),
    ("enable.idempotence", "true"),
    // Long enough for messages that are sent together to travel together: each is awaited.
    ("linger.ms", "1"),
    // As in Java's producer; librdkafka would try for five minutes.
    ("delivery.timeout.ms", "120000"),
    ("log.connection.close", "false"),
];

/// The properties of the producer of one cluster.
pub(super) fn producer_properties(user: &BTreeMap<String, String>, bootstrap: &str) -> Vec<(String, String)> {
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in DEFAULTS.into_iter().chain(crate::engine::CONNECTING) {
        properties.insert(name.into(), value.into());
    }
    let aliases = [
        ("message.timeout.ms", "delivery.timeout.ms"),
        ("queue.buffering.max.ms", "linger.ms"),
        ("request.required.acks", "acks"),
    ];
    for (alias, name) in aliases {
        if user.contains_key(alias) {
            properties.remove(name);
        }
    }
    properties.extend(user.clone());
    let acks = ["acks", "request.required.acks"].into_iter().find_map(|name| user.get(name));
    if acks.is_some_and(|acks| acks != "all" && acks != "-1") {
        // librdkafka refuses one with the other; configuration has asked for `accept_loss`.
        properties.insert("enable.idempotence".into(), "false".into());
    }
    // A topic that nobody declared: the broker decides whether writing creates it, as with every other producer.
    properties.insert("allow.auto.create.topics".into(), "true".into());
    properties.insert("bootstrap.servers".into(), bootstrap.into());
    properties.into_iter().collect()
}

/// The same without waiting for more messages that could travel along.
pub(super) fn prompt_properties(user: &BTreeMap<String, String>, bootstrap: &str) -> Vec<(String, String)> {
    let mut user = user.clone();
    user.remove("queue.buffering.max.ms");
    user.insert("linger.ms".into(), "0".into());
    producer_properties(&user, bootstrap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> BTreeMap<String, String> {
        let user = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        producer_properties(&user, "a:1").into_iter().collect()
    }

    #[test]
    fn nothing_is_lost_and_keys_meet_unless_the_user_says_otherwise() {
        let properties = with("client.id", "billing");
        assert_eq!(properties["acks"], "all");
        assert_eq!(properties["enable.idempotence"], "true");
        assert_eq!(properties["partitioner"], "murmur2_random");
        assert_eq!(properties["bootstrap.servers"], "a:1");
        assert_eq!(with("partitioner", "consistent")["partitioner"], "consistent");
    }

    #[test]
    fn an_alias_replaces_the_default_of_its_property() {
        let properties = with("message.timeout.ms", "5000");
        assert_eq!(properties["message.timeout.ms"], "5000");
        assert!(!properties.contains_key("delivery.timeout.ms"));
    }

    #[test]
    fn a_prompt_producer_waits_for_nothing_whatever_the_other_does() {
        for name in ["linger.ms", "queue.buffering.max.ms"] {
            let user = BTreeMap::from([(name.to_owned(), "100".to_owned()), ("acks".to_owned(), "1".to_owned())]);
            let properties: BTreeMap<_, _> = prompt_properties(&user, "a:1").into_iter().collect();
            assert_eq!((properties["linger.ms"].as_str(), properties["acks"].as_str()), ("0", "1"));
            assert!(!properties.contains_key("queue.buffering.max.ms"));
        }
    }

    #[test]
    fn fewer_acknowledgements_go_without_idempotence() {
        assert_eq!(with("acks", "1")["enable.idempotence"], "false");
        assert_eq!(with("acks", "-1")["enable.idempotence"], "true");
    }
}
