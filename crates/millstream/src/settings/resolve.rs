//! All of it together.

use super::cluster::Clusters;
use super::decided::{Decided, Scopes, consumers_places};
use super::producer::ProducerSettings;
use super::reading::Reading;
use super::retry_names;
use super::rules;
use super::said::{Refusal, Scope, Site};
use super::subscription::{self, Subscribed};
use super::together;
use crate::plan::{ApplicationPlan, OPEN_MEMORY, Plan};
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
        let producers = ProducerSettings::read(&kafka, &mut problems);
        let clusters = Clusters::read(&kafka, &mut problems);
        let scopes = Scopes::read(&kafka, &mut problems);
        let consumers = &scopes.general.properties;
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
        let enabled: Vec<&Decided> = decided.iter().filter(|listener| listener.enabled.value).collect();
        retry_names::check(&enabled, &mut problems);
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
                together::check(listener, &mut problems, &mut notices);
            }
            let Some(cluster) = clusters.get(&first.cluster, &mut problems) else { continue };
            let Subscribed { plan: subscription, sites } =
                subscription::plan(first, &enabled, cluster, &scopes, &mut problems, &mut notices);
            if !plan.clusters.iter().any(|known| known.name == subscription.cluster) {
                let name = &subscription.cluster;
                plan.clusters.extend(cluster.plan(
                    name,
                    consumers,
                    &producers,
                    environment,
                    &mut problems,
                    &mut notices,
                ));
            }
            plan.subscriptions.push(subscription);
            group_sites.push(sites);
        }
        for (name, cluster) in clusters.reachable() {
            if plan.clusters.iter().any(|known| *known.name == *name) {
                continue;
            }
            // Nothing is read there, but messages may be sent. What is wrong with it concerns nobody who does not.
            let (mut wrong, mut ignored) = (Problems::default(), Vec::new());
            let cluster = cluster.plan(name, consumers, &producers, environment, &mut wrong, &mut ignored);
            if wrong.is_empty() {
                plan.clusters.extend(cluster);
            }
        }
        Self { plan, problems, notices, decided, group_sites }
    }
}

fn application(kafka: &Reading<'_>, problems: &mut Problems) -> ApplicationPlan {
    let start_timeout = kafka.duration("start_timeout", problems, rules::positive);
    let drain_timeout = kafka.duration("drain_timeout", problems, |timeout| rules::between(timeout, "0ms", "1d"));
    let open_memory = kafka.size("open_memory", problems, open_memory);
    ApplicationPlan {
        open_memory: open_memory.map_or(OPEN_MEMORY, |said| said.value),
        start_timeout: start_timeout.map(|said| said.value),
        drain_timeout: drain_timeout.map_or(DRAIN_TIMEOUT, |said| said.value),
    }
}

fn open_memory(bytes: u64) -> rules::Verdict<u64> {
    if bytes < 1 << 20 {
        let refusal = Refusal::new("is too little to keep several messages open");
        return Err(refusal.fix("give it at least \"1MiB\""));
    }
    Ok(bytes)
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
