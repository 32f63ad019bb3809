//! Declared topics: created where they are missing, and compared with what is there. Nothing that exists is changed.

use super::signals::Signals;
use crate::admin::{Admin, NewTopic, TopicDescription, TopicErrorKind};
use crate::app::RunErrorKind;
use crate::plan::{Allowed, PartitionsWanted, TopicPlan};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait before a cluster that did not answer is asked again.
const RETRY: Duration = Duration::from_secs(1);
/// How often a topic that was created may still be unknown to whom is asked.
const LOOKS: u32 = 10;

/// Sees to the topics of one cluster. Runs until they are there or cannot be; to be dropped with the engine.
pub(super) async fn see_to(admin: Admin, topics: Vec<TopicPlan>, signals: Arc<Signals>) {
    let cluster = admin.cluster().to_owned();
    let mut problems = Vec::new();
    let mut looks = 0;
    let found = loop {
        let found = look(&admin, &topics).await;
        if found.values().any(|found| matches!(found, Found::Unanswered)) {
            tokio::time::sleep(RETRY).await;
            continue;
        }
        let missing: Vec<&TopicPlan> = topics
            .iter()
            .filter(|topic| topic.create && matches!(found.get(&topic.name), Some(Found::Missing)))
            .collect();
        if missing.is_empty() || looks >= LOOKS {
            break found;
        }
        let new: Vec<NewTopic> = missing.iter().filter_map(|topic| new_topic(topic, &found)).collect();
        if new.is_empty() {
            // Those that they take after may come at any time.
            tokio::time::sleep(RETRY).await;
            continue;
        }
        if looks > 0 {
            tokio::time::sleep(RETRY / 5).await;
        }
        looks += 1;
        let refused = create(&admin, new).await;
        if !refused.is_empty() {
            problems = refused;
            break found;
        }
    };
    for topic in &topics {
        match found.get(&topic.name) {
            Some(Found::There(there)) => {
                for difference in differences(topic, there) {
                    tracing::warn!(cluster, "{difference}");
                }
                problems.extend(broken_rules(topic, there));
            }
            Some(Found::Refused(reason)) => {
                tracing::warn!(cluster, topic = %topic.name, reason, "the declared topic cannot be looked at");
            }
            _ if !topic.create => {
                tracing::warn!(cluster, topic = %topic.name, "the declared topic does not exist, and `create = false`");
            }
            _ => {}
        }
    }
    if !problems.is_empty() {
        signals.stop(RunErrorKind::Cluster, format!("topics of cluster {cluster}: {}", problems.join("; ")));
    }
}

/// A topic as it was found.
enum Found {
    There(TopicDescription),
    Missing,
    /// No broker answered.
    Unanswered,
    /// It cannot be looked at.
    Refused(String),
}

/// Looks at the topics, and at those whose partitions others shall have.
async fn look(admin: &Admin, topics: &[TopicPlan]) -> BTreeMap<Arc<str>, Found> {
    let models = topics.iter().filter_map(|topic| match &topic.partitions {
        PartitionsWanted::SameAs(model) => Some(model),
        _ => None,
    });
    let mut names: Vec<Arc<str>> = topics.iter().map(|topic| &topic.name).chain(models).cloned().collect();
    names.sort_unstable();
    names.dedup();
    let described = admin.describe(names.iter().map(ToString::to_string)).await;
    let found = described.into_iter().map(|described| match described {
        Ok(there) => Found::There(there),
        Err(error) if error.kind() == TopicErrorKind::Unknown => Found::Missing,
        Err(error) if error.is_retriable() => Found::Unanswered,
        Err(error) => Found::Refused(error.to_string()),
    });
    names.iter().cloned().zip(found).collect()
}

/// Creates topics; why some cannot be.
async fn create(admin: &Admin, topics: Vec<NewTopic>) -> Vec<String> {
    let names = topics.iter().map(NewTopic::name).collect::<Vec<_>>().join(", ");
    match admin.create(topics).await {
        Ok(()) => {
            tracing::info!(cluster = admin.cluster(), topics = names, "created");
            Vec::new()
        }
        Err(error) => error
            .topics()
            .iter()
            // Another process of the application may have been faster.
            .filter(|error| error.kind() != TopicErrorKind::AlreadyExists && !error.is_retriable())
            .map(|error| format!("{error}; create it by hand, or correct what the configuration declares"))
            .collect(),
    }
}

/// The topic to create; nothing where the one that it takes after does not exist yet.
fn new_topic(topic: &TopicPlan, found: &BTreeMap<Arc<str>, Found>) -> Option<NewTopic> {
    let mut new = NewTopic::new(&*topic.name);
    match &topic.partitions {
        PartitionsWanted::BrokerDefault => {}
        PartitionsWanted::Count(count) => new = new.partitions(*count),
        PartitionsWanted::SameAs(model) => match found.get(model) {
            Some(Found::There(model)) => new = new.partitions(model.partitions),
            _ => return None,
        },
    }
    if let Some(replication) = topic.replication {
        new = new.replication(replication);
    }
    Some(topic.config.iter().fold(new, |new, (name, value)| new.config(name, value)))
}

/// In what a topic differs from what is declared.
fn differences(topic: &TopicPlan, there: &TopicDescription) -> Vec<String> {
    let mut differences = Vec::new();
    let name = &topic.name;
    if let PartitionsWanted::Count(count) = topic.partitions
        && count != there.partitions
    {
        let fix = if count > there.partitions { "add some" } else { "a topic never shrinks: correct the declaration" };
        differences.push(format!("topic {name} has {} partitions, {count} are declared; {fix}", there.partitions));
    }
    if let Some(replication) = topic.replication
        && replication != there.replication
    {
        differences.push(format!(
            "topic {name} is kept by {} brokers, {replication} are declared; reassign its partitions, or correct the declaration",
            there.replication
        ));
    }
    for (key, declared) in &topic.config {
        match there.config.get(key) {
            Some(value) if same(value, declared) => {}
            Some(value) => differences.push(format!(
                "topic {name} has {key}={value}, {declared} is declared; alter the topic, or correct the declaration"
            )),
            None => {
                differences.push(format!("topic {name} has no {key}, {declared} is declared; correct the declaration"));
            }
        }
    }
    differences
}

/// Numbers are compared as numbers, lists without their order.
fn same(value: &str, declared: &str) -> bool {
    fn number(text: &str) -> Option<f64> {
        text.trim().parse().ok()
    }
    fn list(text: &str) -> Vec<&str> {
        let mut parts: Vec<&str> = text.split(',').map(str::trim).collect();
        parts.sort_unstable();
        parts
    }
    match (number(value), number(declared)) {
        (Some(value), Some(declared)) => value.total_cmp(&declared).is_eq(),
        _ => list(value) == list(declared),
    }
}

/// Rules that a topic breaks.
fn broken_rules(topic: &TopicPlan, there: &TopicDescription) -> Vec<String> {
    let broken = topic.required.iter().filter_map(|rule| {
        let value = there.config.get(&rule.name)?;
        let (kept, wanted) = match &rule.allowed {
            Allowed::AtLeast(least) => {
                let number = value.trim().parse::<i64>().ok();
                (number.is_none_or(|number| number == -1 || number >= *least), format!("at least {least}, or -1"))
            }
            Allowed::Exactly(text) => (same(value, text), text.clone()),
        };
        (!kept).then(|| {
            format!(
                "topic {} has {}={value}, and must have {wanted}, because {}; alter the topic",
                topic.name, rule.name, rule.reason
            )
        })
    });
    broken.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ConfigRule;

    fn declared() -> TopicPlan {
        TopicPlan {
            name: "orders".into(),
            partitions: PartitionsWanted::Count(6),
            replication: Some(3),
            config: BTreeMap::from([
                ("retention.ms".into(), "1000".into()),
                ("cleanup.policy".into(), "compact,delete".into()),
            ]),
            create: true,
            required: vec![ConfigRule {
                name: "retention.ms".into(),
                allowed: Allowed::AtLeast(1000),
                reason: "messages wait there".into(),
            }],
        }
    }

    fn there(partitions: i32, replication: i16, config: &[(&str, &str)]) -> TopicDescription {
        let config = config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        TopicDescription { name: "orders".into(), partitions, replication, config }
    }

    #[test]
    fn a_topic_as_declared_has_no_differences() {
        let there = there(6, 3, &[("retention.ms", "1000"), ("cleanup.policy", "delete, compact")]);
        assert!(differences(&declared(), &there).is_empty());
        assert!(broken_rules(&declared(), &there).is_empty());
    }

    #[test]
    fn every_difference_is_told_with_both_values() {
        let there = there(4, 1, &[("retention.ms", "500")]);
        let differences = differences(&declared(), &there);
        assert_eq!(differences.len(), 4, "{differences:#?}");
        assert!(differences[0].starts_with("topic orders has 4 partitions, 6 are declared"));
        assert!(differences.iter().any(|difference| difference.contains("retention.ms=500, 1000 is declared")));
    }

    #[test]
    fn a_rule_is_broken_by_less_and_kept_by_no_limit() {
        let broken = broken_rules(&declared(), &there(6, 3, &[("retention.ms", "999")]));
        assert_eq!(
            broken,
            [
                "topic orders has retention.ms=999, and must have at least 1000, or -1, because messages wait there; alter the topic"
            ]
        );
        assert!(broken_rules(&declared(), &there(6, 3, &[("retention.ms", "-1")])).is_empty());
    }

    #[test]
    fn a_topic_like_another_waits_for_that_one() {
        let copy = TopicPlan { partitions: PartitionsWanted::SameAs("model".into()), ..declared() };
        let mut found = BTreeMap::from([("model".into(), Found::Missing)]);
        assert_eq!(new_topic(&copy, &found), None);
        found.insert("model".into(), Found::There(there(9, 1, &[])));
        let expected = NewTopic::new("orders")
            .partitions(9)
            .replication(3)
            .config("retention.ms", "1000")
            .config("cleanup.policy", "compact,delete");
        assert_eq!(new_topic(&copy, &found), Some(expected));
    }
}
