//! What a dead letter looks like.

use super::letter::{Letter, shortened};
use super::names::dead_letter_topic;
use crate::engine::lane::Lane;
use crate::plan::{DeadLetterPlan, OnFailure, PartitionsWanted, SubscriptionPlan, TopicPlan};
use crate::producer::OutgoingMessage;
use bytes::Bytes;
use millstream_native::TimestampKind;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::destination::Destination;

/// What Spring's readers of dead letters look for begins like this.
const SPRING: &str = "kafka_dlt-";

/// Where the dead letters of a lane go.
pub(crate) fn destination(lane: &Lane, plan: &DeadLetterPlan) -> Destination {
    // What came from a retry topic goes where it would have gone at first.
    let topic = lane.stage.as_ref().map_or(&lane.topic, |stage| &stage.origin);
    let topic = dead_letter_topic(&plan.topic, topic, &lane.group_id, &lane.listener).into();
    Destination::DeadLetter { topic, spring_headers: plan.spring_headers }
}

/// The dead-letter topics of the listeners that name their topics, to be there before anybody needs them: with as many
/// partitions as the topic that they are for, so that what is in order stays so.
pub(crate) fn declared(subscription: &SubscriptionPlan) -> Vec<TopicPlan> {
    let mut topics: BTreeMap<String, TopicPlan> = BTreeMap::new();
    let listeners = subscription.listeners.iter();
    for listener in listeners.filter(|listener| listener.failure.on_failure == OnFailure::DeadLetter) {
        for origin in &listener.topics {
            let template = &listener.failure.dead_letter.topic;
            let name = dead_letter_topic(template, origin, &subscription.group_id, &listener.id);
            topics.entry(name.clone()).or_insert_with(|| TopicPlan {
                name: name.into(),
                partitions: PartitionsWanted::SameAs(Arc::clone(origin)),
                replication: None,
                config: BTreeMap::new(),
                create: true,
                required: Vec::new(),
            });
        }
    }
    topics.into_values().collect()
}

/// The dead letter itself, for a partition. Its own timestamp is the time of the writing: with the original one the
/// topic's retention would remove an old message at once, so that travels as a header.
pub(crate) fn message(letter: &Letter, partition: i32, spring_headers: bool) -> OutgoingMessage {
    let (origin, timestamp) = letter.origin();
    if !spring_headers {
        return letter.copy(partition);
    }
    // Those of an earlier dead letter are replaced.
    let mut plain = letter.clone();
    plain.message.headers.retain(|(name, _)| !name.starts_with(SPRING));
    let bytes = |bytes: &[u8]| Some(Bytes::copy_from_slice(bytes));
    let mut headers = vec![
        ("original-topic", bytes(origin.topic.as_bytes())),
        ("original-partition", bytes(&origin.partition.to_be_bytes())),
        ("original-offset", bytes(&origin.offset.to_be_bytes())),
        ("original-consumer-group", bytes(letter.group_id.as_bytes())),
        ("exception-fqcn", bytes(format!("millstream.{}", letter.reason.kind).as_bytes())),
        ("exception-message", bytes(shortened(&letter.reason.error).as_bytes())),
        ("exception-stacktrace", bytes(shortened(&letter.reason.error).as_bytes())),
    ];
    if let Some(timestamp) = timestamp {
        let kind = match timestamp.kind {
            TimestampKind::CreateTime => "CreateTime",
            TimestampKind::LogAppendTime => "LogAppendTime",
        };
        headers.push(("original-timestamp", bytes(&timestamp.milliseconds.to_be_bytes())));
        headers.push(("original-timestamp-type", bytes(kind.as_bytes())));
    }
    plain.copy(partition).headers(headers.into_iter().map(|(name, value)| (format!("{SPRING}{name}"), value)))
}

#[cfg(test)]
mod tests {
    use super::super::letter::{only, sample};
    use super::*;

    fn letter() -> Letter {
        sample(Destination::DeadLetter { topic: "orders.dead".into(), spring_headers: true })
    }

    #[test]
    fn springs_headers_have_springs_names_and_widths_and_are_written_only_when_asked_for() {
        let message = message(&letter(), 2, true);
        for (name, value) in [
            ("kafka_dlt-original-topic", &b"orders"[..]),
            ("kafka_dlt-original-partition", &[0, 0, 0, 3]),
            ("kafka_dlt-original-offset", &[0, 0, 0, 0, 0, 0, 0x12, 0x67]),
            ("kafka_dlt-original-timestamp", &[0, 0, 0, 0, 0, 0, 0x03, 0xe8]),
            ("kafka_dlt-original-timestamp-type", b"CreateTime"),
            ("kafka_dlt-original-consumer-group", b"billing"),
            ("kafka_dlt-exception-fqcn", b"millstream.error"),
            ("kafka_dlt-exception-message", b"no such customer"),
            ("kafka_dlt-exception-stacktrace", b"no such customer"),
        ] {
            assert_eq!(only(&message, name), value, "{name}");
        }
        let plain = super::message(&letter(), 2, false);
        assert!(plain.header_list().iter().all(|(name, _)| !name.starts_with(SPRING)));
    }

    #[test]
    fn a_dead_letter_of_a_dead_letter_does_not_nest_springs_headers() {
        let mut letter = letter();
        let first = message(&letter, 2, true);
        letter.message.headers = first.header_list().to_vec();
        assert_eq!(message(&letter, 2, true).header_list().len(), first.header_list().len());
    }
}
