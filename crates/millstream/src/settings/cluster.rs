//! `[kafka]` and `[kafka.clusters.NAME]`: where clusters are, and how to talk to them.

use super::embedded::EmbeddedSettings;
use super::owned_properties;
use super::producer::ProducerSettings;
use super::properties::{Audience, PropertyTable};
use super::reading::Reading;
use super::requests::RequestsSettings;
use super::rules;
use super::said::{Refusal, Said, Scope};
use super::topics;
use crate::plan::{Brokers, ClusterPlan, MissingTopics, TopicPlan};
use millstream_config::{Problem, Problems, nearest};
use millstream_native::properties::PropertyRole;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of the cluster that `[kafka]` itself describes.
pub(super) const DEFAULT: &str = "default";

const EMBEDDED: &str = "embedded";

/// What is said about one cluster.
#[derive(Clone, Debug)]
pub(super) struct ClusterSettings {
    brokers: Option<Said<Vec<String>>>,
    /// Whether brokers are named, right or wrong.
    names_brokers: bool,
    client_id: Option<Said<Arc<str>>>,
    missing_topics: Option<Said<MissingTopics>>,
    embedded: EmbeddedSettings,
    requests: RequestsSettings,
    /// `[kafka.requests.properties]`; the cluster's own are in `requests`.
    general_requests: PropertyTable,
    /// The topics that it declares; those of `[kafka]` are the cluster `default`'s.
    topics: BTreeMap<String, TopicPlan>,
    /// `[kafka.properties]`, and over them the cluster's own.
    properties: PropertyTable,
    /// The cluster's own properties alone.
    own_properties: PropertyTable,
}

/// All clusters that the configuration describes.
#[derive(Debug)]
pub(super) struct Clusters(BTreeMap<String, ClusterSettings>);

impl Clusters {
    pub(super) fn read(kafka: &Reading<'_>, problems: &mut Problems) -> Self {
        let general = ClusterSettings::read(kafka, problems);
        let mut clusters = BTreeMap::new();
        let tables = kafka.below("clusters", Scope::Cluster, problems);
        for name in tables.names() {
            if name == DEFAULT {
                let problem = tables.problem(name, "the cluster `default` is described by `[kafka]` itself");
                problems.push(problem.with_suggestion("move its keys there, or give the cluster another name"));
                continue;
            }
            let table = tables.below(name, Scope::Cluster, problems);
            if table.section().is_none() {
                continue;
            }
            let own = ClusterSettings::read(&table, problems);
            if !own.names_brokers {
                let problem = table.problem("brokers", "a cluster needs its brokers");
                problems.push(problem.with_suggestion("add `brokers = [\"host:9092\"]` to it"));
            }
            clusters.insert(name.to_owned(), own.or(&general));
        }
        clusters.insert(DEFAULT.to_owned(), general);
        Self(clusters)
    }

    /// The clusters that can be reached, by name.
    pub(super) fn reachable(&self) -> impl Iterator<Item = (&str, &ClusterSettings)> {
        let reachable = self.0.iter().filter(|(_, cluster)| cluster.brokers.is_some());
        reachable.map(|(name, cluster)| (name.as_str(), cluster))
    }

    /// The cluster that a listener names.
    pub(super) fn get(&self, name: &Said<Arc<str>>, problems: &mut Problems) -> Option<&ClusterSettings> {
        let found = self.0.get(&*name.value);
        if found.is_none() {
            let names = self.0.keys().map(String::as_str);
            let fix = match nearest(&name.value, names) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("describe it in `[kafka.clusters.{}]`", millstream_config::quote_key(&name.value)),
            };
            let refusal = Refusal::new(format!("there is no cluster `{}`", name.value.escape_debug()));
            problems.push(name.site.problem(refusal.fix(fix)));
        }
        found
    }
}

impl ClusterSettings {
    fn read(table: &Reading<'_>, problems: &mut Problems) -> Self {
        let properties = PropertyTable::read(table, Audience::Every, problems);
        Self {
            brokers: brokers(table, problems),
            names_brokers: table.node("brokers").is_some(),
            client_id: table.text("client_id", problems, rules::filled),
            missing_topics: table.text("missing_topics", problems, rules::missing_topics),
            embedded: EmbeddedSettings::read(table, problems),
            requests: RequestsSettings::read(table, problems),
            general_requests: PropertyTable::default(),
            own_properties: PropertyTable::default(),
            properties,
            topics: topics::read(table, problems),
        }
    }

    /// Completed by `[kafka]`, but for the brokers.
    fn or(self, general: &Self) -> Self {
        Self {
            client_id: self.client_id.or_else(|| general.client_id.clone()),
            missing_topics: self.missing_topics.or_else(|| general.missing_topics.clone()),
            embedded: self.embedded.or(&general.embedded),
            requests: self.requests.or(&general.requests),
            general_requests: general.requests.properties.clone(),
            own_properties: self.properties.clone(),
            properties: general.properties.clone().under(self.properties),
            ..self
        }
    }

    pub(super) fn is_embedded(&self) -> bool {
        self.brokers.as_ref().is_some_and(|brokers| brokers.value == [EMBEDDED])
    }

    /// The properties of a group member of this cluster: `consumers` stand over the general ones, the cluster's
    /// own over these.
    pub(super) fn consumer_properties(&self, consumers: &PropertyTable) -> PropertyTable {
        let merged = self.properties.clone().under(consumers.clone()).under(self.own_properties.clone());
        self.usable(merged.for_role(PropertyRole::Consumer))
    }

    /// The properties of its producer: those of producers stand over the general ones, the cluster's own over these.
    fn producer_properties(&self, producers: &PropertyTable) -> PropertyTable {
        let merged = self.properties.clone().under(producers.clone()).under(self.own_properties.clone());
        self.usable(merged.for_role(PropertyRole::Producer))
    }

    /// The properties of what reads replies: those of requests stand over those of group members, which it is none of,
    /// and the cluster's own over both.
    fn request_properties(&self, consumers: &PropertyTable) -> PropertyTable {
        let merged = self.properties.clone().under(consumers.clone()).under(self.general_requests.clone());
        let merged = merged.under(self.own_properties.clone()).under(self.requests.properties.clone());
        let mut properties = self.usable(merged.for_role(PropertyRole::Consumer));
        properties.take(owned_properties::is_of_members);
        properties
    }

    /// Without what an embedded broker has no use for.
    fn usable(&self, mut properties: PropertyTable) -> PropertyTable {
        if self.is_embedded() {
            properties.take(owned_properties::is_security);
        }
        properties
    }

    /// What the properties of every client begin with.
    pub(super) fn client_id(&self) -> Option<(String, String)> {
        let client_id = self.client_id.as_ref()?;
        Some(("client.id".to_owned(), client_id.value.to_string()))
    }

    /// The plan of a cluster; nothing where it cannot be reached.
    pub(super) fn plan(
        &self,
        name: &str,
        consumers: &PropertyTable,
        producers: &ProducerSettings,
        environment: &str,
        problems: &mut Problems,
        notices: &mut Vec<String>,
    ) -> Option<ClusterPlan> {
        let Some(brokers) = &self.brokers else {
            // A named cluster was told when it was read.
            if !self.names_brokers && name == DEFAULT {
                problems.push(
                    Problem::new("there is no broker to connect to").with_key("kafka.brokers").with_suggestion(
                        "set it to [\"host:9092\"], or to [\"embedded\"] for a broker inside the process",
                    ),
                );
            }
            return None;
        };
        let producer = self.producer_properties(&producers.properties);
        producers.check(name, &producer, problems, notices);
        let check_producer = producer.any_of(PropertyRole::Producer);
        let mut producer = producer.into_values();
        producer.extend(self.client_id());
        notices.extend(self.notice(name));
        let mut properties = self.usable(self.properties.clone());
        // Both other roles are left out: what reads metadata is neither.
        properties = properties.for_role(PropertyRole::Both);
        let mut properties = properties.into_values();
        properties.extend(self.client_id());
        let mut requests = self.requests.plan(self.request_properties(consumers));
        requests.properties.extend(self.client_id());
        Some(ClusterPlan {
            name: name.into(),
            requests,
            brokers: if self.is_embedded() {
                Brokers::Embedded(self.embedded.clone().plan(&brokers.site, environment, problems))
            } else {
                Brokers::Addresses(brokers.value.clone())
            },
            properties,
            producer,
            check_producer,
            topics: self.topics.values().cloned().collect(),
            missing_topics: self.missing_topics.as_ref().map_or(MissingTopics::Wait, |said| said.value),
        })
    }

    /// What an embedded broker has no use for.
    fn notice(&self, name: &str) -> Option<String> {
        let mut properties = self.properties.clone();
        let unused = if self.is_embedded() { properties.take(owned_properties::is_security) } else { Vec::new() };
        let names: Vec<String> = unused.into_iter().map(|(name, _)| name).collect();
        (!names.is_empty()).then(|| {
            format!("the embedded broker of cluster `{name}` has no security: {} are not used", names.join(", "))
        })
    }
}

fn brokers(table: &Reading<'_>, problems: &mut Problems) -> Option<Said<Vec<String>>> {
    let mut brokers = table
        .list("brokers", problems, |text| if text == EMBEDDED { Ok(text.to_owned()) } else { rules::broker(text) })?;
    let mut seen = std::collections::HashSet::new();
    brokers.value.retain(|broker| seen.insert(broker.clone()));
    if brokers.value.len() > 1 && brokers.value.iter().any(|broker| broker == EMBEDDED) {
        let refusal = Refusal::new("\"embedded\" is a whole cluster, and cannot stand beside other brokers");
        problems.push(brokers.site.problem(refusal.fix("keep \"embedded\" or the others")));
        return None;
    }
    (!brokers.value.is_empty()).then_some(brokers)
}
