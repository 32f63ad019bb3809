//! Which consumers an application runs: the discovered ones, or exactly those it names.

use super::declared::completed_by;
use super::{ConsumerSpec, DeclaredListener, GivenConsumer, Linked, ListenerSpec, ListenersSpec, Location, Wanted};
use crate::options::{ListenerOptions, Text};
use millstream_config::Problem;
use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// One consumer that runs.
#[derive(Clone, Debug)]
pub(crate) struct SelectedConsumer {
    pub(crate) name: Text,
    pub(crate) location: Location,
    pub(crate) value: ConsumerValue,
    pub(crate) listeners: Vec<SelectedListener>,
}

/// Where a consumer's value comes from.
#[derive(Clone)]
pub(crate) enum ConsumerValue {
    /// Its struct says how it is built.
    Built(&'static ConsumerSpec),
    /// It was given by hand.
    Given(Arc<dyn Any + Send + Sync>),
}

impl fmt::Debug for ConsumerValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Built(_) => "Built",
            Self::Given(_) => "Given",
        })
    }
}

/// One of its listeners.
#[derive(Clone, Debug)]
pub(crate) struct SelectedListener {
    pub(crate) declared: DeclaredListener,
    pub(crate) spec: &'static ListenerSpec,
}

/// The consumers that run, and what is wrong with what was said.
pub(crate) fn select(wanted: &Wanted, linked: &Linked) -> (Vec<SelectedConsumer>, Vec<Problem>) {
    let mut problems = given_twice(&wanted.given);
    let mut consumers: Vec<SelectedConsumer> = Vec::new();
    for given in &wanted.given {
        consumers.extend(select_given(given, linked, &mut problems));
    }
    for spec in wanted.built(linked) {
        let type_id = (spec.type_id)();
        if !wanted.given.iter().any(|given| given.type_id == type_id) {
            consumers.extend(select_built(spec, linked, &mut problems));
        }
    }
    if wanted.discovers() {
        problems.extend(without_value(wanted, linked));
    }
    consumers.sort_by(|a, b| (a.location, &a.name).cmp(&(b.location, &b.name)));
    problems.extend(duplicate_ids(&consumers));
    if problems.is_empty()
        && !wanted.without_listeners
        && consumers.iter().all(|consumer| consumer.listeners.is_empty())
    {
        problems.push(no_listener(wanted));
    }
    (consumers, problems)
}

fn blocks(linked: &Linked, type_id: TypeId) -> Vec<&'static ListenersSpec> {
    linked.listeners.iter().copied().filter(|block| (block.type_id)() == type_id).collect()
}

fn select_given(given: &GivenConsumer, linked: &Linked, problems: &mut Vec<Problem>) -> Option<SelectedConsumer> {
    let blocks = match given.generic {
        Some(block) => vec![block],
        None => blocks(linked, given.type_id),
    };
    let Some(first) = blocks.first() else {
        problems.push(
            Problem::new(format!("`.consumer(value)` was given a `{}`, which has no listeners", given.type_name))
                .with_suggestion("put `#[consumer]` on an impl block of it that has `#[kafka_listener]` methods; a generic type is bound with `.generic_consumer(value)`"),
        );
        return None;
    };
    let spec = linked.consumers.iter().find(|spec| (spec.type_id)() == given.type_id);
    let name = given.name.clone().unwrap_or(Cow::Borrowed(first.name));
    let defaults = spec.map(|spec| (spec.options)()).unwrap_or_default();
    Some(SelectedConsumer {
        listeners: select_listeners(&name, &defaults, &blocks),
        name,
        location: first.location,
        value: ConsumerValue::Given(Arc::clone(&given.value)),
    })
}

fn select_built(spec: &'static ConsumerSpec, linked: &Linked, problems: &mut Vec<Problem>) -> Option<SelectedConsumer> {
    let blocks = blocks(linked, (spec.type_id)());
    if blocks.is_empty() {
        problems.push(
            Problem::new(format!("consumer `{}` ({}) has no listeners", spec.name, spec.location)).with_suggestion(
                "put `#[consumer]` on an impl block of it that has `#[kafka_listener]` methods, or take `#[consumer]` off the struct",
            ),
        );
        return None;
    }
    let name = Cow::Borrowed(spec.name);
    Some(SelectedConsumer {
        listeners: select_listeners(&name, &(spec.options)(), &blocks),
        name,
        location: spec.location,
        value: ConsumerValue::Built(spec),
    })
}

fn select_listeners(
    name: &Text,
    defaults: &ListenerOptions,
    blocks: &[&'static ListenersSpec],
) -> Vec<SelectedListener> {
    blocks
        .iter()
        .flat_map(|block| {
            let consumer_options = completed_by((block.options)(), defaults.clone());
            block.listeners.iter().map(move |spec| (consumer_options.clone(), spec))
        })
        .map(|(consumer_options, spec)| SelectedListener {
            declared: DeclaredListener {
                consumer: name.clone(),
                method: spec.method,
                location: spec.location,
                consumer_options,
                options: (spec.options)(),
            },
            spec,
        })
        .collect()
}

fn given_twice(given: &[GivenConsumer]) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    given
        .iter()
        .filter(|consumer| !seen.insert(consumer.type_id))
        .map(|consumer| {
            Problem::new(format!("`{}` was given as a consumer more than once", consumer.type_name))
                .with_suggestion("one value serves all messages: keep one `.consumer(value)` for each type")
        })
        .collect()
}

/// Impl blocks that were discovered, of types whose value nobody gives.
fn without_value(wanted: &Wanted, linked: &Linked) -> Vec<Problem> {
    let has_value = |type_id| {
        linked.consumers.iter().any(|spec| (spec.type_id)() == type_id)
            || wanted.given.iter().any(|given| given.type_id == type_id)
    };
    let mut seen = BTreeSet::new();
    let lacking = linked.listeners.iter().filter(|block| {
        let type_id = (block.type_id)();
        !has_value(type_id) && seen.insert(type_id)
    });
    lacking
        .map(|block| {
            Problem::new(format!("`{}` ({}) listens, but nothing says how its value is built", block.name, block.location))
                .with_suggestion(format!(
                    "give it with `App::builder().consumer(value)`, put `#[consumer]` on `struct {}` as well, or name the wanted consumers with `.consumers::<(..)>()`",
                    block.name
                ))
        })
        .collect()
}

fn duplicate_ids(consumers: &[SelectedConsumer]) -> Vec<Problem> {
    let mut first_places: BTreeMap<Text, Location> = BTreeMap::new();
    let mut problems = Vec::new();
    for listener in consumers.iter().flat_map(|consumer| &consumer.listeners) {
        let (id, location) = (listener.declared.id(), listener.declared.location);
        match first_places.get(&id) {
            Some(first) if *first == location => problems.push(
                Problem::new(format!("listener id `{id}` ({location}) belongs to two bound types"))
                    .with_suggestion("name each with `.generic_consumer_as(\"Name\", value)`"),
            ),
            Some(first) => problems.push(
                Problem::new(format!("listener id `{id}` is used twice: {first} and {location}"))
                    .with_suggestion("give one of them another with `#[kafka_listener(.., id = \"..\")]`"),
            ),
            None => {
                first_places.insert(id, location);
            }
        }
    }
    problems
}

fn no_listener(wanted: &Wanted) -> Problem {
    let problem = Problem::new("the application has no listener");
    if wanted.discovers() {
        problem.with_suggestion(
            "a listener is a method with `#[kafka_listener]` in an impl block with `#[consumer]`; a library crate that nothing mentions is not linked, and its listeners are not found: mention it (`use that_crate as _;`), or name its consumers with `App::builder().consumers::<(Billing, Shipping)>()`; an application that only sends or asks says so with `.without_listeners()`",
        )
    } else {
        problem.with_suggestion(
            "name consumers with `.consumers::<(Billing, Shipping)>()`, give values with `.consumer(value)`, leave out `.discover(false)`, or say with `.without_listeners()` that it only sends or asks",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::fixture::{block, consumer, listener};

    #[derive(Default)]
    struct Billing;
    #[derive(Default)]
    struct Shipping;

    static BILLING: ConsumerSpec = consumer::<Billing>("Billing", 10);
    static SHIPPING: ConsumerSpec = consumer::<Shipping>("Shipping", 20);
    static BILLING_ORDERS: ListenersSpec = block::<Billing>(
        "Billing",
        12,
        &[listener::<Billing>("on_order", 13, || ListenerOptions::new().topic("orders"))],
    );
    static BILLING_REFUNDS: ListenersSpec =
        block::<Billing>("Billing", 15, &[listener::<Billing>("on_refund", 16, ListenerOptions::new)]);
    static SHIPPING_ORDERS: ListenersSpec = block::<Shipping>(
        "Shipping",
        22,
        &[listener::<Shipping>("on_order", 23, || ListenerOptions::new().id("Billing.on_order"))],
    );

    fn linked(consumers: &[&'static ConsumerSpec], listeners: &[&'static ListenersSpec]) -> Linked {
        Linked { consumers: consumers.to_vec(), listeners: listeners.to_vec(), components: Vec::new() }
    }

    fn given<T: Send + Sync + 'static>(value: T) -> GivenConsumer {
        GivenConsumer {
            type_id: TypeId::of::<T>(),
            type_name: std::any::type_name::<T>(),
            name: None,
            value: Arc::new(value),
            generic: None,
        }
    }

    fn ids(consumers: &[SelectedConsumer]) -> Vec<String> {
        consumers
            .iter()
            .flat_map(|consumer| &consumer.listeners)
            .map(|listener| listener.declared.id().into_owned())
            .collect()
    }

    fn only_problem(wanted: &Wanted, linked: &Linked) -> String {
        let (_, problems) = select(wanted, linked);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].to_string()
    }

    #[test]
    fn every_linked_consumer_is_discovered_with_all_its_impl_blocks() {
        let (consumers, problems) =
            select(&Wanted::default(), &linked(&[&BILLING], &[&BILLING_ORDERS, &BILLING_REFUNDS]));
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(ids(&consumers), ["Billing.on_order", "Billing.on_refund"]);
    }

    #[test]
    fn named_consumers_are_exactly_those() {
        let wanted = Wanted { chosen: Some(vec![&BILLING, &BILLING]), ..Wanted::default() };
        let linked = linked(&[&BILLING, &SHIPPING], &[&BILLING_ORDERS, &SHIPPING_ORDERS]);
        let (consumers, problems) = select(&wanted, &linked);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(ids(&consumers), ["Billing.on_order"]);
    }

    #[test]
    fn a_given_value_wins_over_the_struct_and_runs_once() {
        let wanted = Wanted { given: vec![given(Billing)], ..Wanted::default() };
        let (consumers, problems) = select(&wanted, &linked(&[&BILLING], &[&BILLING_ORDERS]));
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(consumers.len(), 1);
        assert!(matches!(consumers[0].value, ConsumerValue::Given(_)));
    }

    #[test]
    fn without_discovery_only_given_values_run() {
        let wanted = Wanted { without_discovery: true, given: vec![given(Billing)], ..Wanted::default() };
        let linked = linked(&[&SHIPPING], &[&BILLING_ORDERS, &SHIPPING_ORDERS]);
        assert_eq!(ids(&select(&wanted, &linked).0), ["Billing.on_order"]);
    }

    #[test]
    fn an_impl_whose_value_nobody_gives_is_an_error_that_names_the_ways_out() {
        let message = only_problem(&Wanted::default(), &linked(&[], &[&BILLING_ORDERS, &BILLING_REFUNDS]));
        assert!(message.starts_with("`Billing` (src/shop.rs:12:1) listens"), "{message}");
        assert!(message.contains(".consumer(value)"), "{message}");
    }

    #[test]
    fn a_struct_without_listeners_is_an_error() {
        let message = only_problem(&Wanted::default(), &linked(&[&BILLING], &[]));
        assert!(message.starts_with("consumer `Billing` (src/shop.rs:10:1) has no listeners"), "{message}");
    }

    #[test]
    fn a_given_value_whose_type_does_not_listen_is_an_error() {
        let wanted = Wanted { given: vec![given(5_u32)], ..Wanted::default() };
        assert!(only_problem(&wanted, &linked(&[&BILLING], &[&BILLING_ORDERS])).contains("was given a `u32`"));
    }

    #[test]
    fn two_listeners_of_one_id_are_an_error_that_names_both_places() {
        let linked = linked(&[&BILLING, &SHIPPING], &[&BILLING_ORDERS, &SHIPPING_ORDERS]);
        let message = only_problem(&Wanted::default(), &linked);
        assert!(
            message.contains("`Billing.on_order` is used twice: src/shop.rs:13:1 and src/shop.rs:23:1"),
            "{message}"
        );
    }

    #[test]
    fn a_generic_block_can_be_bound_for_several_types_under_several_names() {
        static GENERIC: ListenersSpec =
            block::<u8>("Projector", 40, &[listener::<u8>("on_event", 41, ListenerOptions::new)]);
        let one = GivenConsumer { generic: Some(&GENERIC), ..given(1_u8) };
        let two = GivenConsumer { generic: Some(&GENERIC), ..given(1_u16) };
        let named = GivenConsumer { name: Some("Second".into()), ..two.clone() };
        let wanted = Wanted { given: vec![one.clone(), two], ..Wanted::default() };
        assert!(only_problem(&wanted, &linked(&[], &[])).contains(".generic_consumer_as("));
        let wanted = Wanted { given: vec![one, named], ..Wanted::default() };
        assert_eq!(ids(&select(&wanted, &linked(&[], &[])).0), ["Projector.on_event", "Second.on_event"]);
    }

    #[test]
    fn no_listener_at_all_explains_linking() {
        let message = only_problem(&Wanted::default(), &linked(&[], &[]));
        assert!(message.contains("is not linked"), "{message}");
        let message = only_problem(&Wanted { without_discovery: true, ..Wanted::default() }, &linked(&[], &[]));
        assert!(message.contains("leave out `.discover(false)`"), "{message}");
        let wanted = Wanted { without_listeners: true, ..Wanted::default() };
        let (consumers, problems) = select(&wanted, &linked(&[], &[]));
        assert!(consumers.is_empty() && problems.is_empty());
    }

    #[test]
    fn options_of_the_impl_block_come_before_those_of_the_struct() {
        static STRUCT: ConsumerSpec = ConsumerSpec {
            options: || ListenerOptions::new().group_id("struct").window(7),
            ..consumer::<Billing>("Billing", 1)
        };
        static BLOCK: ListenersSpec = ListenersSpec {
            options: || ListenerOptions::new().group_id("impl"),
            ..block::<Billing>("Billing", 2, &[listener::<Billing>("on_order", 3, ListenerOptions::new)])
        };
        let (consumers, _) = select(&Wanted::default(), &linked(&[&STRUCT], &[&BLOCK]));
        let options = &consumers[0].listeners[0].declared.consumer_options;
        assert_eq!(options, &ListenerOptions::new().group_id("impl").window(7));
    }
}
