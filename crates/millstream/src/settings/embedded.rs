//! `[kafka.embedded]`: the broker inside the process.

use super::from_table::unknown;
use super::names;
use super::reading::Reading;
use super::rules;
use super::said::{Refusal, Said, Site};
use crate::plan::{EmbeddedPlan, SeedPlan};
use millstream_config::{Origin, Place, Problems, Value};
use std::path::{Path, PathBuf};

const DEFAULT_PARTITIONS: i32 = 4;

/// Environments in which a broker that forgets everything is what one expects.
const FREE_ENVIRONMENTS: [&str; 2] = ["development", "test"];

/// What a table of the embedded broker says.
#[derive(Clone, Debug, Default)]
pub(super) struct EmbeddedSettings {
    allow: Option<Said<bool>>,
    partitions: Option<Said<i32>>,
    port: Option<Said<u16>>,
    seeds: Vec<SeedPlan>,
}

impl EmbeddedSettings {
    /// Reads `embedded` of a table.
    pub(super) fn read(table: &Reading<'_>, problems: &mut Problems) -> Self {
        let table = table.below("embedded", table.scope, problems);
        Self {
            allow: table.flag("allow", problems),
            partitions: table.read("partitions", problems, |partitions: i32| {
                let known = (1..=10_000).contains(&partitions);
                if known { Ok(partitions) } else { Err(Refusal::new("expects a number from 1 to 10000")) }
            }),
            port: table.read("port", problems, |port: u16| match port {
                0 => Err(Refusal::new("expects a port from 1 to 65535").fix("leave it out for any")),
                port => Ok(port),
            }),
            seeds: seeds(&table, problems),
        }
    }

    /// Completed by `[kafka.embedded]`, but for what only one broker can have.
    pub(super) fn or(self, general: &Self) -> Self {
        Self {
            allow: self.allow.or_else(|| general.allow.clone()),
            partitions: self.partitions.or_else(|| general.partitions.clone()),
            ..self
        }
    }

    /// The broker's plan, if the environment may have one.
    pub(super) fn plan(self, brokers: &Site, environment: &str, problems: &mut Problems) -> EmbeddedPlan {
        let allowed = self.allow.as_ref().is_some_and(|allow| allow.value);
        if !allowed && !FREE_ENVIRONMENTS.contains(&environment) {
            let refusal = Refusal::new(format!(
                "an embedded broker keeps messages in memory only, and this is the environment `{environment}`"
            ));
            problems.push(brokers.problem(
                refusal.fix("name real brokers, or set `[kafka.embedded] allow = true` if that is what you want"),
            ));
        }
        EmbeddedPlan {
            partitions: self.partitions.map_or(DEFAULT_PARTITIONS, |partitions| partitions.value),
            port: self.port.map(|port| port.value),
            seeds: self.seeds,
        }
    }
}

fn seeds(table: &Reading<'_>, problems: &mut Problems) -> Vec<SeedPlan> {
    let seed = table.below("seed", table.scope, problems);
    let mut plans = Vec::new();
    for topic in seed.names() {
        if let Some(site) = seed.site(topic)
            && let Err(refusal) = rules::topic(topic)
        {
            problems.push(site.problem(refusal));
            continue;
        }
        let in_table = seed.node(topic).is_some_and(|node| matches!(node.value, Value::Table(_)));
        let (file, key) = if in_table {
            let details = seed.below(topic, seed.scope, problems);
            unknown(&details, &names::SEED, problems);
            if details.node("file").is_none() {
                problems.push(seed.problem(topic, "a seed that is a table needs `file`"));
            }
            (details.text("file", problems, rules::filled), details.text("key", problems, rules::filled))
        } else {
            (seed.text(topic, problems, rules::filled), None)
        };
        let Some(file) = file else { continue };
        plans.push(SeedPlan {
            topic: topic.to_owned(),
            file: below_configuration(&file.value, file.site.origin.as_ref()),
            key_field: key.map(|key| key.value.to_string()),
        });
    }
    plans
}

/// What a configuration file says is relative to its directory; anything else to the working directory.
fn below_configuration(file: &str, origin: Option<&Origin>) -> PathBuf {
    let directory = match origin.map(|origin| &origin.place) {
        Some(Place::File { file, .. }) => Path::new(&**file).parent(),
        _ => None,
    };
    directory.map_or_else(|| PathBuf::from(file), |directory| directory.join(file))
}
