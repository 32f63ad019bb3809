//! What all members of a group have in common.

use super::from_table;
use super::listener_settings::ListenerSettings;
use super::names;
use super::properties::{Audience, PropertyTable};
use super::reading::Reading;
use super::rules;
use super::said::{Refusal, Said, Scope};
use crate::plan::GroupProtocol;
use millstream_config::Problems;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub(super) const DEFAULT_REVOKE_TIMEOUT: Duration = Duration::from_secs(5);
pub(super) const DEFAULT_MEMORY: u64 = 128 * 1024 * 1024;

const LEAST_MEMORY: u64 = 1024 * 1024;
const MOST_MEMORY: u64 = 1 << 40;

/// What one scope says about a group.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupSettings {
    pub(super) revoke_timeout: Option<Said<Duration>>,
    pub(super) memory: Option<Said<u64>>,
    pub(super) protocol: Option<Said<GroupProtocol>>,
    pub(super) instance_id: Option<Said<Arc<str>>>,
    pub(super) properties: PropertyTable,
    /// Defaults for its listeners.
    pub(super) listeners: ListenerSettings,
}

impl GroupSettings {
    /// Reads `[kafka]`, which speaks for every group.
    pub(super) fn general(kafka: &Reading<'_>, problems: &mut Problems) -> Self {
        let consumer = kafka.below("consumer", Scope::Kafka, problems);
        Self {
            properties: PropertyTable::read(&consumer, Audience::Consumers, problems),
            listeners: ListenerSettings {
                group_id: kafka.text("group_id", problems, rules::filled),
                commit_interval: kafka.duration("commit_interval", problems, rules::commit_interval),
                ..ListenerSettings::default()
            },
            ..Self::members(kafka, problems)
        }
    }

    fn members(table: &Reading<'_>, problems: &mut Problems) -> Self {
        Self {
            revoke_timeout: table.duration("revoke_timeout", problems, |timeout| rules::between(timeout, "0ms", "1h")),
            memory: table.size("memory", problems, memory),
            protocol: table.text("group_protocol", problems, rules::group_protocol),
            instance_id: table.text("group_instance_id", problems, rules::filled),
            ..Self::default()
        }
    }

    /// Reads `[kafka.groups.NAME]`, each.
    pub(super) fn named(kafka: &Reading<'_>, problems: &mut Problems) -> BTreeMap<String, Self> {
        let tables = kafka.below("groups", Scope::Group, problems);
        let mut groups = BTreeMap::new();
        for name in tables.names() {
            let table = tables.below(name, Scope::Group, problems).without(&names::NOT_OF_A_GROUP);
            let settings = Self {
                properties: PropertyTable::read(&table, Audience::Consumers, problems),
                listeners: from_table::listener_settings(&table, problems),
                ..Self::members(&table, problems)
            };
            groups.insert(name.to_owned(), settings);
        }
        groups
    }

    /// What is not said here is said by the next scope; the properties of both stay apart.
    pub(super) fn or(self, next: &Self) -> Self {
        Self {
            revoke_timeout: self.revoke_timeout.or_else(|| next.revoke_timeout.clone()),
            memory: self.memory.or_else(|| next.memory.clone()),
            protocol: self.protocol.or_else(|| next.protocol.clone()),
            instance_id: self.instance_id.or_else(|| next.instance_id.clone()),
            ..self
        }
    }
}

fn memory(bytes: u64) -> rules::Verdict<u64> {
    if (LEAST_MEMORY..=MOST_MEMORY).contains(&bytes) {
        return Ok(bytes);
    }
    Err(Refusal::new("expects a size from \"1MiB\" to \"1024GiB\""))
}
