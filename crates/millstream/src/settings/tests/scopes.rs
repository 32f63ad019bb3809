//! Who wins: for every option, the most specific scope that says something.

use super::fixture::{declared, tree};
use crate::plan::{ListenerPlan, Plan, Retries};
use crate::settings::resolve;
use crate::settings::{effective, said::Scope};
use std::fmt::Write as _;

const TABLES: [(&str, Scope); 4] = [
    ("kafka.listener_defaults", Scope::Defaults),
    ("kafka.groups.g", Scope::Group),
    ("kafka.consumers.Billing", Scope::Consumer),
    ("kafka.listeners.\"Billing.on_order\"", Scope::Listener),
];

/// From the most general on: who says the n-th value.
#[derive(Clone, Copy, Debug)]
enum Says {
    Table(usize),
    ConsumerInCode,
    Attribute,
}

const ORDER: [Says; 6] =
    [Says::Table(0), Says::Table(1), Says::ConsumerInCode, Says::Table(2), Says::Attribute, Says::Table(3)];

/// An option, a value for each of the six, and how it looks in the plan.
type Row = (&'static str, fn(usize) -> String, fn(&ListenerPlan) -> String);

const ROWS: [Row; 16] = [
    (
        "retries",
        |n| n.to_string(),
        |plan| match plan.failure.retries {
            Retries::Count(count) => count.to_string(),
            Retries::Forever => "forever".to_owned(),
        },
    ),
    ("concurrency", |n| (n + 1).to_string(), |plan| plan.concurrency.unwrap().to_string()),
    ("window", |n| (n + 1).to_string(), |plan| plan.window.to_string()),
    ("timeout", |n| format!("{}s", n + 1), |plan| format!("{}s", plan.timeout.unwrap().as_secs())),
    ("backoff", |n| format!("{}s", n + 1), |plan| format!("{}s", plan.failure.backoff.initial.as_secs())),
    (
        "start",
        |n| (1000 + n).to_string(),
        |plan| match plan.start {
            crate::plan::Start::Timestamp(milliseconds) => milliseconds.to_string(),
            other => format!("{other:?}"),
        },
    ),
    (
        "on_failure",
        |n| if n.is_multiple_of(2) { "stop" } else { "pause" }.to_owned(),
        |plan| format!("{:?}", plan.failure.on_failure).to_lowercase(),
    ),
    (
        "on_lost_position",
        |n| if n.is_multiple_of(2) { "latest" } else { "pause" }.to_owned(),
        |plan| format!("{:?}", plan.on_lost_position).to_lowercase(),
    ),
    (
        "order_by",
        |n| if n.is_multiple_of(2) { "key" } else { "none" }.to_owned(),
        |plan| format!("{:?}", plan.order_by).to_lowercase(),
    ),
    ("rate", |n| format!("{}/s", n + 1), |plan| format!("{}/s", plan.rate.unwrap().messages)),
    ("window_bytes", |n| format!("{}MiB", n + 1), |plan| format!("{}MiB", plan.window_bytes >> 20)),
    ("deadline", |n| format!("{}s", n + 1), |plan| format!("{}s", plan.failure.deadline.unwrap().as_secs())),
    ("retry_topics", |n| format!("{}s", n + 1), |plan| format!("{}s", plan.failure.retry_topics[0].as_secs())),
    ("dead_letter", |n| format!("dead-{n}"), |plan| plan.failure.dead_letter.topic.to_string()),
    (
        "wire",
        |n| if n.is_multiple_of(2) { "nest" } else { "spring" }.to_owned(),
        |plan| format!("{:?}", plan.answer.as_ref().unwrap().wire.unwrap()).to_lowercase(),
    ),
    ("max_crashes", |n| n.to_string(), |plan| plan.failure.max_crashes.to_string()),
];

fn plan_of(option: &str, saying: &[(Says, String)]) -> (Plan, Scope) {
    let mut base = String::from("[kafka]\nbrokers = 'a:1'\ngroup_id = 'g'\n[kafka.groups.g]\n");
    let (mut in_code, mut attribute) = (String::from("Billing"), String::from("Billing.on_order topics=orders"));
    for (says, value) in saying {
        match says {
            Says::Table(index) => {
                let literal = if value.parse::<u32>().is_ok() { value.clone() } else { format!("'{value}'") };
                let key = TABLES[*index].0.trim_start_matches("kafka.");
                base = base.replace("[kafka]\n", &format!("[kafka]\n{key}.{option} = {literal}\n"));
            }
            Says::ConsumerInCode => write!(in_code, " {option}={value}").unwrap(),
            Says::Attribute => write!(attribute, " {option}={value}").unwrap(),
        }
    }
    if option == "wire" {
        attribute.push_str(" reply=true");
    }
    if option == "retry_topics" {
        attribute.push_str(" reorder=true");
    }
    // The group has a table even where it says nothing.
    if base.contains("groups.g.") {
        base = base.replace("[kafka.groups.g]\n", "");
    }
    let declared = declared(&format!("{in_code}\n{attribute}"));
    let tree = tree(&base, &declared);
    let plan = resolve(&tree, "development", &declared).unwrap();
    let scope = effective(&tree, "development", &declared)
        .into_iter()
        .find(|value| value.option == option)
        .map_or(Scope::BuiltIn, |value| value.site.scope);
    (plan, scope)
}

#[test]
fn the_most_specific_scope_that_says_something_wins_whatever_the_others_say() {
    for (option, value, shown) in ROWS {
        // Every set of scopes that say something.
        for set in 1..1_usize << ORDER.len() {
            let saying: Vec<(Says, String)> = (0..ORDER.len())
                .filter(|index| set & (1 << index) != 0)
                .map(|index| (ORDER[index], value(index)))
                .collect();
            let (says, expected) = saying.last().unwrap().clone();
            let (plan, scope) = plan_of(option, &saying);
            assert_eq!(shown(&plan.subscriptions[0].listeners[0]), expected, "{option} of {saying:?}");
            let expected = match says {
                Says::Table(index) => TABLES[index].1,
                Says::ConsumerInCode => Scope::Consumer,
                Says::Attribute => Scope::Attribute,
            };
            if !["backoff", "dead_letter"].contains(&option) {
                assert_eq!(scope, expected, "{option} of {saying:?}");
            }
        }
    }
}
