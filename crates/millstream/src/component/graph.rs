//! Which components are built, and in which order: dependencies first, otherwise as in the source.

use super::given::Given;
use super::needs::{Need, NeedKind, Needs};
use super::spec::ComponentSpec;
use millstream_config::{Problem, nearest};
use std::any::TypeId;
use std::collections::{HashMap, HashSet, VecDeque};

/// What was found before anything is built.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// The components to build, dependencies first.
    pub(crate) order: Vec<&'static ComponentSpec>,
    /// Everything that is needed, by whom was wanted and by the components behind it.
    pub(crate) needs: Vec<Need>,
    /// What is lacking, ambiguous or circular.
    pub(crate) problems: Vec<Problem>,
}

/// Follows what is wanted through all components that it reaches.
///
/// Eager components are wanted too, if `eager` says so.
pub(crate) fn resolve(specs: &[&'static ComponentSpec], given: &Given, wanted: Vec<Need>, eager: bool) -> Graph {
    let mut walk = Walk { specs, given, edges: HashMap::new(), reached: Vec::new(), reported: HashSet::new() };
    let mut graph = Graph { problems: given.problems(), ..Graph::default() };
    let mut queue: VecDeque<(Option<TypeId>, Need)> = wanted.into_iter().map(|need| (None, need)).collect();
    for spec in specs.iter().filter(|spec| eager && spec.eager && !given.contains((spec.type_id)())) {
        walk.reach(spec, &mut queue);
    }
    while let Some((from, need)) = queue.pop_front() {
        walk.follow(from, &need, &mut queue, &mut graph.problems);
        graph.needs.push(need);
    }
    walk.reached.sort_by_key(|spec| (spec.location, spec.name));
    let mut sorting = Sorting { edges: &walk.edges, marks: HashMap::new(), path: Vec::new(), graph: &mut graph };
    for spec in &walk.reached {
        sorting.visit(spec);
    }
    graph
}

/// What a component says it needs.
fn needs_of(spec: &ComponentSpec) -> Needs {
    let mut needs = Needs::new();
    needs.at(format!("component `{}`", spec.name), spec.location);
    (spec.needs)(&mut needs);
    needs
}

type Edges = HashMap<TypeId, Vec<&'static ComponentSpec>>;

struct Walk<'a> {
    specs: &'a [&'static ComponentSpec],
    given: &'a Given,
    edges: Edges,
    reached: Vec<&'static ComponentSpec>,
    reported: HashSet<TypeId>,
}

impl Walk<'_> {
    fn reach(&mut self, spec: &'static ComponentSpec, queue: &mut VecDeque<(Option<TypeId>, Need)>) {
        let key = (spec.type_id)();
        if self.reached.iter().any(|reached| (reached.type_id)() == key) {
            return;
        }
        self.reached.push(spec);
        queue.extend(needs_of(spec).list().iter().map(|need| (Some(key), need.clone())));
    }

    fn follow(
        &mut self,
        from: Option<TypeId>,
        need: &Need,
        queue: &mut VecDeque<(Option<TypeId>, Need)>,
        problems: &mut Vec<Problem>,
    ) {
        let NeedKind::Component { type_id, name, optional } = need.kind else { return };
        if self.given.contains(type_id) {
            return;
        }
        let mut providers = self.specs.iter().copied().filter(|spec| provides(spec, type_id));
        match (providers.next(), providers.next()) {
            (Some(spec), second) => {
                if let Some(second) = second
                    && self.reported.insert(type_id)
                {
                    problems.push(ambiguous(name, spec, second));
                }
                if let Some(from) = from {
                    self.edges.entry(from).or_default().push(spec);
                }
                self.reach(spec, queue);
            }
            (None, _) if optional => {}
            (None, _) => problems.push(self.missing(need, name)),
        }
    }

    fn missing(&self, need: &Need, name: &str) -> Problem {
        let problem = Problem::new(format!("{} needs the component `{name}`, which nothing provides", need.who()));
        let wanted = last_segment(name);
        let provisions = self.specs.iter().flat_map(|spec| spec.provides).map(|provision| provision.name);
        let known = self.specs.iter().map(|spec| spec.name).chain(provisions).chain(self.given.names());
        let near = nearest(wanted, known.map(last_segment)).map(|near| {
            if near == wanted {
                format!("; another type named `{near}` is a component: is it imported from the right module?")
            } else {
                format!("; did you mean `{near}`?")
            }
        });
        let fix = if name.starts_with("dyn ") {
            format!(
                "let a component say `#[component(provides = {name})]`, or give one with `App::builder().provide::<{name}>(value)`"
            )
        } else {
            "put `#[component]` on it, or give the value with `App::builder().component(value)`".to_owned()
        };
        problem.with_suggestion(fix + &near.unwrap_or_default())
    }
}

fn provides(spec: &ComponentSpec, type_id: TypeId) -> bool {
    (spec.type_id)() == type_id || spec.provides.iter().any(|provision| (provision.type_id)() == type_id)
}

fn ambiguous(name: &str, first: &ComponentSpec, second: &ComponentSpec) -> Problem {
    Problem::new(format!(
        "two components provide `{name}`: `{}` ({}) and `{}` ({})",
        first.name, first.location, second.name, second.location
    ))
    .with_suggestion(
        "keep one of them, or choose one by hand with `App::builder().provide(value)` or `.component(value)`, which wins",
    )
}

/// `Ledger` of `billing::ledger::Ledger` and of `dyn billing::Ledger`.
fn last_segment(name: &str) -> &str {
    let plain = name.split('<').next().unwrap_or(name);
    plain.rsplit([':', ' ']).next().unwrap_or(plain)
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Open,
    Done,
}

struct Sorting<'a> {
    edges: &'a Edges,
    marks: HashMap<TypeId, Mark>,
    path: Vec<&'static ComponentSpec>,
    graph: &'a mut Graph,
}

impl Sorting<'_> {
    fn visit(&mut self, spec: &'static ComponentSpec) {
        let key = (spec.type_id)();
        match self.marks.get(&key) {
            Some(Mark::Done) => return,
            Some(Mark::Open) => return self.report_circle(key),
            None => {}
        }
        self.marks.insert(key, Mark::Open);
        self.path.push(spec);
        for next in self.edges.get(&key).into_iter().flatten() {
            self.visit(next);
        }
        self.path.pop();
        self.marks.insert(key, Mark::Done);
        self.graph.order.push(spec);
    }

    fn report_circle(&mut self, key: TypeId) {
        let circle: Vec<_> = self.path.iter().skip_while(|spec| (spec.type_id)() != key).collect();
        let first = circle.first().copied().into_iter();
        let steps: Vec<_> =
            circle.iter().copied().chain(first).map(|spec| format!("`{}` ({})", spec.name, spec.location)).collect();
        self.graph.problems.push(
            Problem::new(format!("components need each other in a circle: {}", steps.join(" needs ")))
                .with_suggestion("move what they share into a component of its own, or give one of them with `App::builder().component(value)`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::fixture::{at, fixture_component};
    use std::sync::Arc;

    trait Clock: Send + Sync {}
    trait Sundial: Send + Sync {}

    fixture_component!(POOL = Pool at 10 needs []);
    fixture_component!(LEDGER = Ledger at 5 needs [Pool, dyn Clock]);
    fixture_component!(SYSTEM_CLOCK = SystemClock at 30 needs [] provides [Clock]);
    fixture_component!(OTHER_CLOCK = OtherClock at 31 needs [] provides [Clock, Sundial]);
    fixture_component!(WARMER = Warmer at 2 needs [Pool] eager true);
    fixture_component!(EGG = Egg at 40 needs [Hen]);
    fixture_component!(HEN = Hen at 41 needs [Coop]);
    fixture_component!(COOP = Coop at 42 needs [Egg]);

    fn wanting<T: ?Sized + Send + Sync + 'static>() -> Vec<Need> {
        let mut needs = Needs::new();
        needs.at("field `part` of `Billing`", at(1));
        needs.component::<T>();
        needs.list().to_vec()
    }

    fn names(graph: &Graph) -> Vec<&'static str> {
        graph.order.iter().map(|spec| spec.name).collect()
    }

    fn messages(graph: &Graph) -> Vec<String> {
        graph.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dependencies_come_first_and_only_what_is_reached_is_built() {
        let specs = [&LEDGER, &POOL, &SYSTEM_CLOCK, &EGG, &HEN, &COOP];
        let graph = resolve(&specs, &Given::default(), wanting::<Ledger>(), true);
        assert_eq!(names(&graph), ["Pool", "SystemClock", "Ledger"]);
        assert!(graph.problems.is_empty(), "{:?}", graph.problems);
    }

    #[test]
    fn components_that_do_not_need_each_other_are_built_as_in_the_source() {
        let mut wanted = wanting::<SystemClock>();
        wanted.extend(wanting::<Pool>());
        let graph = resolve(&[&POOL, &SYSTEM_CLOCK], &Given::default(), wanted, true);
        assert_eq!(names(&graph), ["Pool", "SystemClock"]);
    }

    #[test]
    fn an_eager_component_is_built_though_nothing_reaches_it() {
        let graph = resolve(&[&WARMER, &LEDGER, &POOL], &Given::default(), Vec::new(), true);
        assert_eq!(names(&graph), ["Pool", "Warmer"]);
    }

    #[test]
    fn an_eager_component_is_left_out_where_nothing_is_discovered() {
        let graph = resolve(&[&WARMER, &POOL], &Given::default(), Vec::new(), false);
        assert!(graph.order.is_empty());
    }

    #[test]
    fn a_value_given_by_hand_wins_and_its_dependencies_are_not_built() {
        let mut given = Given::default();
        given.insert(Arc::new(Ledger(Arc::default())));
        let graph = resolve(&[&LEDGER, &POOL], &given, wanting::<Ledger>(), true);
        assert!(names(&graph).is_empty());
        assert!(graph.problems.is_empty());
    }

    #[test]
    fn two_providers_are_an_error_that_names_both_places_once() {
        let specs = [&LEDGER, &POOL, &SYSTEM_CLOCK, &OTHER_CLOCK];
        let mut wanted = wanting::<dyn Clock>();
        wanted.extend(wanting::<Ledger>());
        let messages = messages(&resolve(&specs, &Given::default(), wanted, true));
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(
            messages[0].contains("`SystemClock` (src/shop.rs:30:1) and `OtherClock` (src/shop.rs:31:1)"),
            "{messages:?}"
        );
    }

    #[test]
    fn two_providers_of_what_nobody_needs_are_no_error() {
        let graph = resolve(&[&POOL, &SYSTEM_CLOCK, &OTHER_CLOCK], &Given::default(), wanting::<Pool>(), true);
        assert!(graph.problems.is_empty());
        let graph = resolve(&[&OTHER_CLOCK, &SYSTEM_CLOCK], &Given::default(), wanting::<dyn Sundial>(), true);
        assert_eq!(names(&graph), ["OtherClock"]);
    }

    #[test]
    fn a_circle_names_every_type_and_place_of_it() {
        let graph = resolve(&[&EGG, &HEN, &COOP], &Given::default(), wanting::<Hen>(), true);
        assert_eq!(
            messages(&graph)[0].split(';').next().unwrap(),
            "components need each other in a circle: `Egg` (src/shop.rs:40:1) needs `Hen` (src/shop.rs:41:1) needs `Coop` (src/shop.rs:42:1) needs `Egg` (src/shop.rs:40:1)",
        );
        assert_eq!(graph.problems.len(), 1);
    }

    #[test]
    fn a_missing_component_names_who_needs_it_and_the_nearest() {
        mod other {
            #[derive(Debug)]
            pub(super) struct Pool;
            pub(super) struct Legder;
        }
        let message =
            messages(&resolve(&[&LEDGER, &POOL], &Given::default(), wanting::<other::Legder>(), true)).remove(0);
        assert!(message.starts_with("field `part` of `Billing` (src/shop.rs:1:1) needs the component `"), "{message}");
        assert!(message.ends_with("did you mean `Ledger`?"), "{message}");
        let message = messages(&resolve(&[&POOL], &Given::default(), wanting::<other::Pool>(), true)).remove(0);
        assert!(message.contains("another type named `Pool` is a component"), "{message}");
    }

    #[test]
    fn a_missing_trait_says_how_one_is_provided() {
        let message = messages(&resolve(&[&POOL], &Given::default(), wanting::<dyn Clock>(), true)).remove(0);
        assert!(message.contains("#[component(provides = dyn "), "{message}");
    }

    #[test]
    fn an_optional_component_may_be_absent_and_is_built_where_it_exists() {
        let mut needs = Needs::new();
        needs.optional_component::<Pool>();
        let absent = resolve(&[], &Given::default(), needs.list().to_vec(), true);
        assert!(absent.problems.is_empty());
        let present = resolve(&[&POOL], &Given::default(), needs.list().to_vec(), true);
        assert_eq!(names(&present), ["Pool"]);
    }

    #[test]
    fn what_the_components_need_is_told_too() {
        let graph = resolve(&[&LEDGER, &POOL, &SYSTEM_CLOCK], &Given::default(), wanting::<Ledger>(), true);
        assert_eq!(graph.needs.len(), 3);
    }
}
