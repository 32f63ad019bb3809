//! Tables of librdkafka's properties.

use super::owned_properties;
use super::reading::{Reading, said};
use super::said::{Refusal, Said};
use millstream_config::Problems;
use millstream_native::properties::{self, PropertyProblem, PropertyRole};
use std::collections::BTreeMap;

/// Properties with the place that set each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PropertyTable(BTreeMap<String, Said<String>>);

/// Which clients a table of properties is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// All of them.
    Every,
    /// Group members.
    Consumers,
    /// Producers.
    Producers,
    /// What reads the replies to requests.
    Requests,
}

impl Audience {
    /// Why a property of this role has no place in the table.
    fn refusal(self, role: PropertyRole) -> Option<Refusal> {
        match (self, role) {
            (Self::Consumers | Self::Requests, PropertyRole::Producer) => {
                Some(Refusal::new("is a property of producers").fix("move it to `[kafka.producer.properties]`"))
            }
            (Self::Producers, PropertyRole::Consumer) => {
                Some(Refusal::new("is a property of consumers").fix("move it to `[kafka.consumer.properties]`"))
            }
            _ => None,
        }
    }
}

impl PropertyTable {
    /// Reads `properties` of a table, each checked against librdkafka itself.
    pub(super) fn read(table: &Reading<'_>, audience: Audience, problems: &mut Problems) -> Self {
        let table = table.below("properties", table.scope, problems);
        let mut found = BTreeMap::new();
        for name in table.names() {
            // A table is a dotted name without its quotes, and told by the loader.
            let Some(node) = table.node(name).filter(|node| !matches!(node.value, millstream_config::Value::Table(_)))
            else {
                continue;
            };
            let (Some(site), Some(text)) = (table.site(name), node.scalar_text()) else {
                problems.push(match &node.value {
                    millstream_config::Value::Broken(problem) => problem.clone(),
                    _ => table
                        .problem(name, "a property is a text, a number or a boolean")
                        .with_suggestion("write several values as one text, as librdkafka wants them"),
                });
                continue;
            };
            let verdict = check(name, &text, audience).map(|()| text.into_owned());
            found.extend(said(site, verdict, problems).map(|said| (name.to_owned(), said)));
        }
        Self(found)
    }

    /// The properties of both; the later ones win.
    pub(super) fn under(mut self, later: Self) -> Self {
        self.0.extend(later.0);
        self
    }

    /// Those for a client of this kind.
    pub(super) fn for_role(mut self, role: PropertyRole) -> Self {
        self.0.retain(|name, _| {
            let own = properties::role(name).unwrap_or(PropertyRole::Both);
            own == PropertyRole::Both || own == role
        });
        self
    }

    /// Takes out the properties that the condition names.
    pub(super) fn take(&mut self, condition: impl Fn(&str) -> bool) -> Vec<(String, Said<String>)> {
        let (taken, kept): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.0).into_iter().partition(|(name, _)| condition(name));
        self.0 = kept;
        taken.into_iter().collect()
    }

    /// Whether one of them is for clients of this kind alone.
    pub(super) fn any_of(&self, role: PropertyRole) -> bool {
        self.0.keys().any(|name| properties::role(name) == Some(role))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Said<String>> {
        self.0.get(name)
    }

    /// A property that is a number, or what librdkafka takes without it.
    pub(super) fn number(&self, name: &str, otherwise: u64) -> u64 {
        self.get(name).and_then(|said| said.value.parse().ok()).unwrap_or(otherwise)
    }

    pub(super) fn into_values(self) -> BTreeMap<String, String> {
        self.0.into_iter().map(|(name, said)| (name, said.value)).collect()
    }
}

fn check(name: &str, text: &str, audience: Audience) -> Result<(), Refusal> {
    if let Some(refusal) = owned_properties::refusal(name) {
        return Err(refusal);
    }
    if let Err(error) = properties::check(name, text) {
        return Err(match error.problem {
            PropertyProblem::Unknown { .. } => {
                let refusal = Refusal::new("librdkafka has no such property");
                match nearest(name) {
                    Some(near) => refusal.fix(format!("did you mean \"{near}\"?")),
                    None => refusal
                        .fix(format!("CONFIGURATION.md of librdkafka {} lists those it has", properties::version())),
                }
            }
            PropertyProblem::Refused(reason) => {
                let lacks_tls = reason.contains("OpenSSL not available");
                let refusal = Refusal::new(format!("librdkafka refuses it: {reason}"));
                if lacks_tls {
                    refusal.fix("build with the feature `ssl` or `ssl-vendored` of millstream")
                } else {
                    refusal
                }
            }
            other => Refusal::new(format!("librdkafka refuses it: {other:?}")),
        });
    }
    if audience == Audience::Requests && owned_properties::is_of_members(name) {
        let refusal = Refusal::new("what reads replies is in no group");
        return Err(refusal.fix("move it to `[kafka.consumer.properties]`, or leave it out"));
    }
    match properties::role(name).and_then(|role| audience.refusal(role)) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// The nearest name, upper case and `_` forgiven first.
fn nearest(name: &str) -> Option<&'static str> {
    properties::from_environment_segment(&name.replace('-', "_")).or_else(|| properties::nearest(name))
}
