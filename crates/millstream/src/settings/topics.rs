//! `[kafka.topics.NAME]`: topics that must be there.

use super::reading::Reading;
use super::rules;
use super::said::{Refusal, Scope};
use crate::plan::{PartitionsWanted, TopicPlan};
use millstream_config::{Problems, Value};
use std::collections::BTreeMap;

/// The keys of one topic.
pub(super) const TOPIC: [&str; 3] = ["partitions", "replication", "create"];

/// Reads `topics` of a table; a topic that is declared is created when it is missing, unless it says `create = false`.
pub(super) fn read(table: &Reading<'_>, problems: &mut Problems) -> BTreeMap<String, TopicPlan> {
    let topics = table.below("topics", table.scope, problems);
    let mut plans = BTreeMap::new();
    for name in topics.names() {
        let verdict = rules::topic(name);
        let details = topics.below(name, topics.scope, problems);
        let name = match verdict {
            Ok(name) => name,
            Err(refusal) => {
                let problem = topics.table_problem(name, refusal.rule);
                problems.push(problem);
                continue;
            }
        };
        let partitions = details.read("partitions", problems, |count: i32| {
            let known = (1..=100_000).contains(&count);
            if known { Ok(count) } else { Err(Refusal::new("expects a number from 1 to 100000")) }
        });
        let replication = details.read("replication", problems, |count: i16| {
            let known = (1..=1000).contains(&count);
            if known { Ok(count) } else { Err(Refusal::new("expects a number of brokers, from 1 to 1000")) }
        });
        let create = details.flag("create", problems);
        let mut config = BTreeMap::new();
        flatten(&details.below("config", topics.scope, problems), "", &mut config, problems);
        plans.insert(
            name.to_string(),
            TopicPlan {
                name,
                partitions: partitions
                    .map_or(PartitionsWanted::BrokerDefault, |said| PartitionsWanted::Count(said.value)),
                replication: replication.map(|said| said.value),
                config,
                create: create.is_none_or(|said| said.value),
                required: Vec::new(),
            },
        );
    }
    plans
}

/// `retention.ms = 1` without quotes is a table in a table, and means the dotted name.
fn flatten(table: &Reading<'_>, prefix: &str, config: &mut BTreeMap<String, String>, problems: &mut Problems) {
    for name in table.names() {
        let Some(node) = table.node(name) else { continue };
        let full = format!("{prefix}{name}");
        match &node.value {
            Value::Table(_) => {
                flatten(&table.below(name, Scope::Kafka, problems), &format!("{full}."), config, problems);
            }
            Value::Broken(problem) => problems.push(problem.clone()),
            _ => match node.scalar_text() {
                Some(text) => drop(config.insert(full, text.into_owned())),
                None => problems.push(
                    table
                        .problem(name, "a topic's configuration is a text, a number or a boolean")
                        .with_suggestion("write several values as one text, with commas between them"),
                ),
            },
        }
    }
}
