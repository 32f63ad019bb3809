//! The properties that the client which reads replies is made with.

use crate::engine::CONNECTING;
use std::collections::BTreeMap;

/// The user's replace ours, and what reading without a group depends on comes last.
pub(super) fn reader_properties(
    user: &BTreeMap<String, String>,
    bootstrap: &str,
    embedded: bool,
) -> Vec<(String, String)> {
    let mut properties = BTreeMap::new();
    let mut set = |name: &str, value: &str| drop(properties.insert(name.to_owned(), value.to_owned()));
    for (name, value) in CONNECTING {
        set(name, value);
    }
    // A broker answers a fetch as soon as there is a message, but one that is under way when a partition is added knows
    // nothing of it. The embedded broker answers an empty fetch only when this time is over.
    set("fetch.wait.max.ms", if embedded { "5" } else { "100" });
    set("fetch.queue.backoff.ms", "5");
    // Replies are taken as they come: what is prefetched is what came meanwhile.
    set("queued.min.messages", "10000");
    set("queued.max.messages.kbytes", "16384");
    set("topic.metadata.refresh.interval.ms", "30000");
    set("log.connection.close", "false");
    properties.extend(user.clone());
    let mut must = |name: &str, value: &str| drop(properties.insert(name.to_owned(), value.to_owned()));
    must("bootstrap.servers", bootstrap);
    // librdkafka wants one; it is never joined.
    must("group.id", "millstream-requests");
    must("group.protocol", "classic");
    must("enable.auto.commit", "false");
    must("enable.auto.offset.store", "false");
    must("enable.partition.eof", "false");
    must("allow.auto.create.topics", "false");
    // A position that is lost: nothing that is there may be passed over, and what is not ours is dropped by its id.
    must("auto.offset.reset", "earliest");
    properties.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_properties_go_before_ours_but_not_before_what_must_be() {
        let user = [("fetch.wait.max.ms", "7"), ("group.id", "mine"), ("enable.auto.commit", "true")];
        let user = user.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let properties: BTreeMap<_, _> = reader_properties(&user, "a:1", true).into_iter().collect();
        assert_eq!(properties["fetch.wait.max.ms"], "7");
        assert_eq!(properties["group.id"], "millstream-requests");
        assert_eq!(properties["enable.auto.commit"], "false");
        assert_eq!(properties["bootstrap.servers"], "a:1");
    }

    #[test]
    fn librdkafka_takes_them() {
        let options =
            millstream_native::ClientOptions { properties: reader_properties(&BTreeMap::new(), "127.0.0.1:1", false) };
        millstream_native::Client::consumer(&options, std::sync::Arc::new(|| {})).unwrap().destroy().unwrap();
    }
}
