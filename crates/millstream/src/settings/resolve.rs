//! All of it together.

use super::cluster::Clusters;
use super::decided::{Decided, Scopes, consumers_places};
use super::properties::{Audience, PropertyTable};
use super::reading::Reading;
use super::rules;
use super::said::{Scope, Site};
use super::subscription::{self, Subscribed};
use crate::plan::{ApplicationPlan, Plan};
use crate::registry::DeclaredListener;
use millstream_config::{Problem, Problems, Tree, nearest, quote_key};
use std::collections::BTreeSet;
use std::time::Duration;

const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Decides everything, given the tree of the configuration, the environment's name and the listeners.
///
/// # Errors
/// Every problem that can be found without a broker.
pub(crate) fn resolve(tree: &Tree, environment: &str, declared: &[DeclaredListener]) -> Result<Plan, Problems> {
    let resolution = Resolution::new(tree, environment, declared);
    resolution.problems.into_result(resolution.plan)
}

/// What came out, right or wrong.
#[derive(Debug)]
pub(super) struct Resolution {
    pub(super) plan: Plan,
    pub(super) problems: Problems,
    /// What is no mistake, but perhaps not what was meant.
    pub(super) notices: Vec<String>,
    /// Every listener, the disabled ones too.
    pub(super) decided: Vec<Decided>,
    /// For each subscription of the plan, where what its group decides was said.
    pub(super) group_sites: Vec<Vec<(&'static str, Site)>>,
}

impl Resolution {
    pub(super) fn new(tree: &Tree, environment: &str, declared: &[DeclaredListener]) -> Self {
        let mut problems = Problems::default();
        let mut notices = Vec::new();
        let kafka = Reading::new(problems.keep(tree.section("kafka")).flatten(), Scope::Kafka);
        let application = application(&kafka, &mut problems);
        // Read for their problems: there is no producer yet.
        let producer = kafka.below("producer", Scope::Kafka, &mut problems);
        PropertyTable::read(&producer, Audience::Producers, &mut problems);
        let clusters = Clusters::read(&kafka, &mut problems);
        let scopes = Scopes::read(&kafka, &mut problems);
        let places = consumers_places(declared);
        let decided: Vec<Decided> = declared
            .iter()
            .filter_map(|listener| {
                let place = places.get(&*listener.consumer).copied().unwrap_or(listener.location);
                Decided::new(listener, place, &scopes, &mut problems)
            })
            .collect();
        // The groups are known once every listener has one.
        if decided.len() == declared.len() {
            problems.extend(unknown_groups(&scopes, &decided, &kafka));
        }
        let mut plan = Plan { clusters: Vec::new(), subscriptions: Vec::new(), application };
        let mut group_sites = Vec::new();
        let mut seen = BTreeSet::new();
        for first in &decided {
            if !seen.insert((first.cluster.value.clone(), first.group_id.value.clone())) {
                continue;
            }
            let same = |other: &&Decided| {
                other.cluster.value == first.cluster.value && other.group_id.value == first.group_id.value
            };
            let enabled: Vec<&Decided> = decided.iter().filter(same).filter(|other| other.enabled.value).collect();
            let Some(first) = enabled.first() else {
                notices.push(format!(
                    "every listener of group `{}` is disabled: nothing is read for it",
                    first.group_id.value
                ));
                continue;
            };
            for listener in &enabled {
                listener.check(&mut problems, &mut notices);
            }
            let Some(cluster) = clusters.get(&first.cluster, &mut problems) else { continue };
            let Subscribed { plan: subscription, sites } =
                subscription::plan(first, &enabled, cluster, &scopes, &mut problems, &mut notices);
            if !plan.clusters.iter().any(|known| known.name == subscription.cluster) {
                plan.clusters.extend(cluster.plan(&subscription.cluster, environment, &mut problems));
                notices.extend(cluster.notice(&subscription.cluster));
            }
            plan.subscriptions.push(subscription);
            group_sites.push(sites);
        }
        Self { plan, problems, notices, decided, group_sites }
    }
}

fn application(kafka: &Reading<'_>, problems: &mut Problems) -> ApplicationPlan {
    let start_timeout = kafka.duration("start_timeout", problems, rules::positive);
    let drain_timeout = kafka.duration("drain_timeout", problems, |timeout| rules::between(timeout, "0ms", "1d"));
    ApplicationPlan {
        start_timeout: start_timeout.map(|said| said.value),
        drain_timeout: drain_timeout.map_or(DRAIN_TIMEOUT, |said| said.value),
    }
}

/// Groups that the configuration describes and no listener is in.
fn unknown_groups(scopes: &Scopes, decided: &[Decided], kafka: &Reading<'_>) -> Vec<Problem> {
    let known: BTreeSet<&str> = decided.iter().map(|listener| &*listener.group_id.value).collect();
    let groups = kafka.below("groups", Scope::Group, &mut Problems::default());
    let unknown = scopes.groups.keys().filter(|name| !known.contains(name.as_str()));
    unknown
        .map(|name| {
            let problem = groups.table_problem(name, format!("no listener is in the group `{}`", name.escape_debug()));
            problem.with_suggestion(match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{}`?", quote_key(near)),
                None => match known.len() {
                    0 => "give a listener this `group_id`, or remove the table".to_owned(),
                    _ => format!("the groups are {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
                },
            })
        })
        .collect()
}
