//! `[kafka.requests]` and `[kafka.clusters.NAME.requests]`: how requests are asked.

use super::properties::{Audience, PropertyTable};
use super::reading::Reading;
use super::rules;
use super::said::{Refusal, Said};
use crate::plan::RequestsPlan;
use millstream_config::Problems;
use std::time::Duration;

const MOST_PARTITIONS: i32 = 10_000;

/// What one scope says.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestsSettings {
    timeout: Option<Said<Duration>>,
    reply_partitions: Option<Said<i32>>,
    /// For the client that reads replies.
    pub(super) properties: PropertyTable,
}

impl RequestsSettings {
    /// Reads `requests` of a table.
    pub(super) fn read(table: &Reading<'_>, problems: &mut Problems) -> Self {
        let table = table.below("requests", table.scope, problems);
        Self {
            timeout: table.duration("timeout", problems, |timeout| rules::between(timeout, "1ms", "7d")),
            reply_partitions: table.read("reply_partitions", problems, reply_partitions),
            properties: PropertyTable::read(&table, Audience::Requests, problems),
        }
    }

    /// What is not said here is said by the next scope; the properties of both stay apart.
    pub(super) fn or(self, next: &Self) -> Self {
        Self {
            timeout: self.timeout.or_else(|| next.timeout.clone()),
            reply_partitions: self.reply_partitions.or_else(|| next.reply_partitions.clone()),
            ..self
        }
    }

    /// The plan, with the properties of all scopes.
    pub(super) fn plan(&self, properties: PropertyTable) -> RequestsPlan {
        let built_in = RequestsPlan::default();
        RequestsPlan {
            timeout: self.timeout.as_ref().map_or(built_in.timeout, |said| said.value),
            reply_partitions: self.reply_partitions.as_ref().map_or(built_in.reply_partitions, |said| said.value),
            properties: properties.into_values(),
        }
    }
}

fn reply_partitions(count: i32) -> rules::Verdict<i32> {
    if (1..=MOST_PARTITIONS).contains(&count) {
        return Ok(count);
    }
    Err(Refusal::new(format!("expects a number from 1 to {MOST_PARTITIONS}")))
}
