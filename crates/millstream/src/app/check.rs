//! Everything that can be wrong before anything is built: registrations, components, configuration.

use super::only;
use super::schema::Schema;
use super::surroundings::{Chosen, Surroundings};
use crate::component::{ComponentSpec, Given, Need, NeedKind, Needs, resolve};
use crate::log::{LogPlan, log_keys};
use crate::plan::Plan;
use crate::registry::{ConsumerValue, DeclaredListener, Linked, SelectedConsumer, Wanted, select, summary};
use crate::settings::Effective;
use millstream_config::{
    KeyPath, KeySpace, Loaded, Problem, Problems, Request, Tree, load_leniently, nearest, quote_key,
};
use std::collections::HashSet;
use std::sync::Arc;

/// What is checked.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) linked: &'a Linked,
    pub(crate) wanted: &'a Wanted,
    pub(crate) given: &'a Given,
    /// What was asked for by `.require::<T>()`.
    pub(crate) required: &'a Needs,
    /// What goes around listeners.
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) request: &'a Request,
    /// The ids of `--only`; empty means all.
    pub(crate) only: &'a [String],
    pub(crate) schema: Schema,
}

/// What the check found.
#[derive(Debug)]
pub(crate) struct Findings {
    /// The configuration as far as it could be read.
    pub(crate) loaded: Loaded,
    /// What holds in the end for each listener and group.
    pub(crate) effective: Vec<Effective>,
    /// What is no mistake, but perhaps not what was meant.
    pub(crate) notices: Vec<String>,
    /// What can be started, or everything that is wrong.
    pub(crate) outcome: Result<Checked, Problems>,
}

/// An application of which nothing is left open.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) plan: Plan,
    pub(crate) log: LogPlan,
    /// The consumers of which a listener runs.
    pub(crate) consumers: Vec<SelectedConsumer>,
    /// The components to build, dependencies first.
    pub(crate) order: Vec<&'static ComponentSpec>,
    /// What goes around the listeners.
    pub(crate) around: Chosen,
}

impl Checked {
    /// `12 listeners from crates a, b`.
    pub(crate) fn summary(&self) -> String {
        plan_summary(&self.plan)
    }
}

/// `12 listeners from crates a, b`.
pub(crate) fn plan_summary(plan: &Plan) -> String {
    summary(
        plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners).map(|listener| &listener.location),
    )
}

/// Checks everything, in memory and files only.
pub(crate) fn check(subject: &Subject<'_>) -> Findings {
    let mut problems = Problems::default();
    let (mut consumers, selection) = select(subject.wanted, subject.linked);
    problems.extend(selection);
    let declared: Vec<DeclaredListener> =
        consumers.iter().flat_map(|consumer| &consumer.listeners).map(|listener| listener.declared.clone()).collect();
    let keys = known_keys(subject, &declared, &consumers);
    let (loaded, unread) = load_leniently(subject.request, &keys);
    problems.extend(unread);
    let tree = &loaded.tree;
    let log = LogPlan::read(tree).map_err(|found| problems.extend(found)).ok();
    let plan = (subject.schema.resolve)(tree, &loaded.environment, &declared);
    let mut plan = plan.map_err(|found| problems.extend(found)).ok();
    if !subject.only.is_empty() {
        let unknown = only::unknown(subject.only, &declared);
        // With a misspelt id nobody knows which listeners were meant: all are checked.
        if unknown.is_empty() {
            plan =
                plan.and_then(|plan| only::restrict(plan, subject.only).map_err(|found| problems.extend(found)).ok());
        }
        problems.extend(unknown);
    }
    if let Some(plan) = &plan
        && plan.subscriptions.is_empty()
        && !declared.is_empty()
    {
        problems.push(only::nothing_left(subject.only));
    }
    if let Some(plan) = &plan {
        let running = running(plan);
        for consumer in &mut consumers {
            consumer.listeners.retain(|listener| running.contains(&*listener.declared.id()));
        }
        consumers.retain(|consumer| !consumer.listeners.is_empty());
    }
    let mut around = Chosen::default();
    if let Some(plan) = &mut plan {
        let (chosen, refused) = subject.surroundings.choose(tree, &declared, plan);
        problems.extend(refused);
        around = chosen;
    }
    let clusters: Option<Vec<Arc<str>>> =
        plan.as_ref().map(|plan| plan.clusters.iter().map(|cluster| Arc::clone(&cluster.name)).collect());
    let mut wants = wants(subject.required, &consumers);
    wants.extend(plan.iter().flat_map(|plan| around.needs(plan)));
    let eager = !subject.wanted.without_discovery;
    let graph = resolve(&subject.linked.components, subject.given, wants, eager);
    problems.extend(graph.problems);
    problems.extend(graph.needs.iter().filter_map(|need| configured(need, tree)));
    if let Some(clusters) = clusters {
        problems.extend(graph.needs.iter().filter_map(|need| described(need, &clusters)));
    }
    problems.extend(tree.unknown_keys(&keys));
    let mut effective = (subject.schema.effective)(tree, &loaded.environment, &declared);
    for layers in std::mem::take(&mut around.effective) {
        let behind = effective.iter().rposition(|value| value.of == layers.of).map_or(effective.len(), |last| last + 1);
        effective.insert(behind, layers);
    }
    let mut notices = (subject.schema.notices)(tree, &loaded.environment, &declared);
    notices.append(&mut around.notices);
    let outcome = match (plan, log) {
        (Some(plan), Some(log)) if problems.is_empty() => {
            Ok(Checked { plan, log, consumers, order: graph.order, around })
        }
        _ => Err(problems),
    };
    Findings { loaded, effective, notices, outcome }
}

fn running(plan: &Plan) -> HashSet<Arc<str>> {
    let listeners = plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners);
    listeners.map(|listener| Arc::clone(&listener.id)).collect()
}

/// What the consumers need whose listeners run, and what was asked for by hand.
fn wants(required: &Needs, consumers: &[SelectedConsumer]) -> Vec<Need> {
    let mut needs = Needs::new();
    for consumer in consumers {
        if let ConsumerValue::Built(spec) = &consumer.value {
            needs.at(format!("consumer `{}`", consumer.name), consumer.location);
            (spec.needs)(&mut needs);
        }
        for listener in &consumer.listeners {
            needs.at(format!("listener `{}`", listener.declared.id()), listener.declared.location);
            (listener.spec.needs)(&mut needs);
        }
    }
    required.list().iter().chain(needs.list()).cloned().collect()
}

fn configured(need: &Need, tree: &Tree) -> Option<Problem> {
    let NeedKind::Config { key, optional, check } = &need.kind else { return None };
    match check(tree, key) {
        Ok(true) => None,
        Ok(false) if *optional => None,
        Ok(false) => Some(
            Problem::new(format!("{} needs it, and it is not set", need.who()))
                .with_key(key.as_str())
                .with_suggestion("set it in the configuration, such as in config/default.toml"),
        ),
        Err(problem) => Some(problem),
    }
}

/// A cluster that is needed has to be one that the configuration describes.
fn described(need: &Need, clusters: &[Arc<str>]) -> Option<Problem> {
    let NeedKind::Cluster { name } = need.kind else { return None };
    if clusters.iter().any(|cluster| **cluster == *name) {
        return None;
    }
    let problem = Problem::new(format!(
        "{} needs the cluster `{}`, which the configuration does not describe",
        need.who(),
        name.escape_debug()
    ));
    Some(problem.with_suggestion(match nearest(name, clusters.iter().map(|cluster| &**cluster)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if name == "default" => "set `[kafka] brokers`".to_owned(),
        None => format!("describe it in `[kafka.clusters.{}]`, with its `brokers`", quote_key(name)),
    }))
}

/// The keys of the framework, and those that anything linked names: a file may serve several applications.
fn known_keys(subject: &Subject<'_>, declared: &[DeclaredListener], consumers: &[SelectedConsumer]) -> KeySpace {
    let mut needs = Needs::new();
    subject.linked.components.iter().for_each(|spec| (spec.needs)(&mut needs));
    subject.linked.consumers.iter().for_each(|spec| (spec.needs)(&mut needs));
    let linked = subject.linked.listeners.iter().flat_map(|block| block.listeners);
    linked.for_each(|listener| (listener.needs)(&mut needs));
    consumers.iter().flat_map(|consumer| &consumer.listeners).for_each(|listener| (listener.spec.needs)(&mut needs));
    let mut keys = (subject.schema.keys)(declared).key("log", log_keys());
    for need in needs.list().iter().chain(subject.required.list()) {
        // A key that cannot be parsed is reported when it is read.
        if let NeedKind::Config { key, .. } = &need.kind
            && let Ok(path) = KeyPath::parse(key)
        {
            keys.declare(path.segments());
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::schema;
    use crate::options::ListenerOptions;
    use crate::registry::fixture::{Journal, at, block, consumer, fixture_component, listener};
    use crate::registry::{ConsumerSpec, ListenerSpec, ListenersSpec};
    use millstream_config::DirectoryChoice;

    #[derive(Default)]
    struct Billing;
    #[derive(Default)]
    struct Shipping;

    fixture_component!(LEDGER = Ledger at 50 needs []);

    static BILLING: ConsumerSpec = ConsumerSpec {
        needs: |needs| {
            needs.at("field `currency` of `Billing`", at(11));
            needs.config::<String>("billing.currency");
            needs.at("field `ledger` of `Billing`", at(12));
            needs.component::<Ledger>();
        },
        ..consumer::<Billing>("Billing", 10)
    };
    static SHIPPING: ConsumerSpec = consumer::<Shipping>("Shipping", 30);
    static BILLING_BLOCK: ListenersSpec = block::<Billing>(
        "Billing",
        13,
        &[listener::<Billing>("on_order", 14, || ListenerOptions::new().topic("orders"))],
    );
    static DISABLED: ListenersSpec = block::<Shipping>(
        "Shipping",
        31,
        &[ListenerSpec {
            needs: |needs| needs.config::<u8>("shipping.weight"),
            ..listener::<Shipping>("on_order", 32, || ListenerOptions::new().topic("parcels").enabled(false))
        }],
    );

    fn findings(toml: &str, only: &[&str], given: &Given) -> Findings {
        let mut request = Request::default();
        request.directory = DirectoryChoice::Nothing;
        request.base = Some(toml.to_owned());
        let linked = Linked {
            consumers: vec![&BILLING, &SHIPPING],
            listeners: vec![&BILLING_BLOCK, &DISABLED],
            components: vec![&LEDGER],
        };
        let only: Vec<_> = only.iter().map(|id| (*id).to_owned()).collect();
        check(&Subject {
            linked: &linked,
            wanted: &Wanted::default(),
            given,
            required: &Needs::new(),
            surroundings: &Surroundings::default(),
            request: &request,
            only: &only,
            schema: schema(),
        })
    }

    fn journal() -> Given {
        let mut given = Given::default();
        given.insert(Arc::new(Journal::default()));
        given
    }

    fn report(findings: Findings) -> Vec<String> {
        findings.outcome.unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_well_gives_a_plan_with_the_running_consumers_alone() {
        let checked = findings("billing.currency = 'EUR'", &[], &journal()).outcome.unwrap();
        assert_eq!(checked.consumers.len(), 1);
        assert_eq!(checked.order.len(), 1);
        assert_eq!(checked.summary(), "1 listener from crate shop");
    }

    #[test]
    fn the_keys_of_a_listener_that_does_not_run_are_known_and_not_needed() {
        assert!(findings("billing.currency = 'EUR'\nshipping.weight = 5", &[], &journal()).outcome.is_ok());
    }

    #[test]
    fn only_leaves_the_named_listeners_and_what_they_reach() {
        let checked = findings("billing.currency = 'EUR'", &["Billing.on_order"], &journal()).outcome.unwrap();
        assert_eq!(checked.consumers.len(), 1);
        let report = report(findings("billing.currency = 'EUR'", &["Shipping.on_ordre"], &journal()));
        assert_eq!(
            report,
            ["`--only` names `Shipping.on_ordre`, which is no listener; did you mean `Shipping.on_order`?"]
        );
    }

    #[test]
    fn problems_of_every_kind_are_told_at_once() {
        let report = report(findings(
            "billing.currency = 5\nbiling.x = 1\nkafka.clientid = 'a'\n[log]\nlevel = 'loud'",
            &["Billing.on_ordre"],
            &Given::default(),
        ));
        for expected in ["billing.currency = 5", "biling", "kafka.clientid", "log.level", "Billing.on_ordre"] {
            assert!(report.iter().any(|problem| problem.contains(expected)), "{expected} is not in {report:#?}");
        }
    }

    #[test]
    fn a_key_that_is_needed_and_not_set_names_who_needs_it() {
        let report = report(findings("", &[], &journal()));
        assert_eq!(
            report,
            [
                "billing.currency: field `currency` of `Billing` (src/shop.rs:11:1) needs it, and it is not set; set it in the configuration, such as in config/default.toml"
            ],
        );
    }

    #[test]
    fn a_cluster_that_is_needed_is_one_of_the_configuration() {
        let mut needs = Needs::new();
        needs.at("field `audit` of `Billing`", at(11)).cluster("audti");
        let report = |clusters: &[&str]| {
            let clusters: Vec<Arc<str>> = clusters.iter().map(|name| (*name).into()).collect();
            needs.list().iter().find_map(|need| described(need, &clusters)).map(|problem| problem.to_string())
        };
        assert_eq!(report(&["default", "audti"]), None);
        assert_eq!(
            report(&["default", "audit"]).as_deref(),
            Some(
                "field `audit` of `Billing` (src/shop.rs:11:1) needs the cluster `audti`, which the configuration does not describe; did you mean `audit`?"
            )
        );
        let fix = "describe it in `[kafka.clusters.audti]`, with its `brokers`";
        assert!(report(&["default"]).is_some_and(|report| report.ends_with(fix)));
    }

    #[test]
    fn the_tree_is_there_although_the_check_failed() {
        let findings = findings("billing.currency = 5", &[], &journal());
        assert_eq!(findings.loaded.tree.entries().len(), 1);
    }
}
