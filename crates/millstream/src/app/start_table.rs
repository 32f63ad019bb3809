//! The table of listeners that an application prints when it starts.

use super::guarantee::guarantee;
use crate::engine::failing::names::delay_text;
use crate::plan::{DEFAULT_CONCURRENCY, ListenerPlan, OnFailure, OrderBy, Plan, Retries, Start, SubscriptionPlan};
use std::collections::BTreeMap;

const HEAD: [&str; 8] = ["listener", "topics", "group", "start", "commit", "order", "on failure", "guarantee"];

/// One row a listener; below, what goes around which, each pair of listeners that wait for each other, and what a crash
/// means.
pub(crate) fn start_table(plan: &Plan) -> String {
    let mut rows: Vec<[String; 8]> = vec![HEAD.map(str::to_owned)];
    for subscription in &plan.subscriptions {
        rows.extend(subscription.listeners.iter().map(|listener| row(subscription, listener)));
    }
    let mut lines = aligned(&rows);
    lines.extend(plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners).filter_map(layers));
    lines.extend(plan.subscriptions.iter().flat_map(waits));
    lines.extend(crashes(plan));
    lines.join("\n")
}

fn row(subscription: &SubscriptionPlan, listener: &ListenerPlan) -> [String; 8] {
    [
        listener.id.to_string(),
        topics(listener),
        group(subscription),
        start(listener.start),
        if listener.auto_commit { "after success" } else { "by the method" }.to_owned(),
        order(listener),
        on_failure(listener),
        guarantee(&subscription.group_id, listener),
    ]
}

fn topics(listener: &ListenerPlan) -> String {
    match &listener.pattern {
        Some(pattern) => format!("/{pattern}/"),
        None => listener.topics.join(", "),
    }
}

fn group(subscription: &SubscriptionPlan) -> String {
    match &*subscription.cluster {
        "default" => subscription.group_id.to_string(),
        cluster => format!("{} (cluster {cluster})", subscription.group_id),
    }
}

fn start(start: Start) -> String {
    match start {
        Start::Latest => "latest".to_owned(),
        Start::Earliest => "earliest".to_owned(),
        Start::Timestamp(milliseconds) => format!("timestamp {milliseconds}"),
    }
}

fn order(listener: &ListenerPlan) -> String {
    let mut parts = match (listener.order_by, listener.concurrency) {
        (OrderBy::Partition, None) => vec!["partition".to_owned()],
        (OrderBy::Partition, Some(limit)) => vec![format!("partition, {limit} at once")],
        (OrderBy::Key, limit) => vec![format!("key, {} at once", limit.unwrap_or(DEFAULT_CONCURRENCY))],
        (OrderBy::None, limit) => vec![format!("none, {} at once", limit.unwrap_or(DEFAULT_CONCURRENCY))],
    };
    parts.extend(listener.batch.as_ref().map(|batch| format!("batches up to {}", batch.max)));
    parts.extend(listener.blocking.then(|| "blocking".to_owned()));
    parts.extend(listener.rate.map(|rate| format!("{} in {}", rate.messages, delay_text(rate.per))));
    parts.join(", ")
}

/// What follows a failure. Who asked is told once that is at its end, whatever it is.
fn on_failure(listener: &ListenerPlan) -> String {
    let told = if listener.tells_errors() { "; requests get the error" } else { "" };
    steps(listener) + told
}

fn steps(listener: &ListenerPlan) -> String {
    let failure = &listener.failure;
    let mut steps: Vec<String> = match failure.retries {
        Retries::Forever => vec!["retry forever".to_owned()],
        Retries::Count(0) => Vec::new(),
        Retries::Count(1) => vec!["1 retry".to_owned()],
        Retries::Count(count) => vec![format!("{count} retries")],
    };
    if let (Some(step), Some(deadline)) = (steps.last_mut(), failure.deadline) {
        *step = format!("{step} within {}", delay_text(deadline));
    }
    let endless = failure.retries == Retries::Forever && failure.deadline.is_none();
    if endless && failure.on_failure == OnFailure::Pause {
        return steps.concat();
    }
    if !failure.retry_topics.is_empty() {
        let delays: Vec<_> = failure.retry_topics.iter().map(|delay| delay_text(*delay)).collect();
        steps.push(format!("again after {}", delays.join(", ")));
    }
    let last = match failure.on_failure {
        OnFailure::Pause => "pause",
        OnFailure::Stop => "stop",
        OnFailure::Skip => "skip",
        OnFailure::DeadLetter => "dead_letter",
    };
    steps.push(last.to_owned());
    steps.join(", then ")
}

/// What happens to messages that were in hand when the process died; one line where all listeners agree.
fn crashes(plan: &Plan) -> Vec<String> {
    let mut by_limit: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for listener in plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners) {
        by_limit.entry(listener.failure.max_crashes).or_default().push(&listener.id);
    }
    let alike = by_limit.len() == 1;
    let line = |(limit, listeners): (u32, Vec<&str>)| {
        let of = if alike { String::new() } else { format!("{}: ", listeners.join(", ")) };
        match limit {
            0 => format!("{of}a message that kills the process comes again, however often it does (max_crashes = 0)"),
            1 => format!("{of}a message that kills the process once counts as one that failed for good"),
            limit => format!("{of}a message that kills the process {limit} times counts as one that failed for good"),
        }
    };
    by_limit.into_iter().map(line).collect()
}

/// What goes around a listener, outermost first.
fn layers(listener: &ListenerPlan) -> Option<String> {
    let names: Vec<&str> = listener.layers.iter().map(|layer| &*layer.name).collect();
    (!names.is_empty()).then(|| format!("{}: messages go through {}", listener.id, names.join(", ")))
}

fn waits(subscription: &SubscriptionPlan) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, first) in subscription.listeners.iter().enumerate() {
        for second in subscription.listeners.iter().skip(index + 1) {
            let shared: Vec<_> = first.topics.iter().filter(|topic| second.topics.contains(topic)).cloned().collect();
            if shared.is_empty() {
                continue;
            }
            lines.push(format!(
                "{} and {} share group {} on {}: when one stands still, the other goes on for {} messages",
                first.id,
                second.id,
                subscription.group_id,
                shared.join(", "),
                first.window.min(second.window),
            ));
        }
    }
    lines
}

fn aligned(rows: &[[String; 8]]) -> Vec<String> {
    let mut widths = [0_usize; 8];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.iter()
        .map(|row| {
            let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{listener_plan, plan, subscription_plan};
    use crate::plan::{AnswerPlan, BatchPlan, FailurePlan, LayerPlan, OnLostPosition, Rate};
    use std::time::Duration;

    fn failing(retries: Retries, on_failure: OnFailure, listener: ListenerPlan) -> ListenerPlan {
        ListenerPlan { failure: FailurePlan { retries, on_failure, ..listener.failure.clone() }, ..listener }
    }

    #[test]
    fn the_table_tells_what_each_listener_does_and_guarantees() {
        let by_default = listener_plan("Billing.on_order", &["orders", "returns"]);
        let manual = ListenerPlan {
            auto_commit: false,
            start: Start::Earliest,
            concurrency: Some(4),
            ..failing(Retries::Count(1), OnFailure::Stop, listener_plan("Billing.on_refund", &["refunds"]))
        };
        let patient = failing(Retries::Forever, OnFailure::Skip, listener_plan("Audit.patient", &["a"]));
        let lossy = ListenerPlan {
            pattern: Some("audit-.*".into()),
            start: Start::Timestamp(5),
            on_lost_position: OnLostPosition::Latest,
            ..failing(Retries::Count(0), OnFailure::Skip, listener_plan("Audit.all", &[]))
        };
        let audit = SubscriptionPlan { cluster: "audit".into(), ..subscription_plan("auditors", vec![patient, lossy]) };
        let table = start_table(&plan(vec![subscription_plan("billing", vec![by_default, manual]), audit]));
        assert_eq!(
            table,
            "\
listener           topics           group                     start        commit         order                 on failure                guarantee
Billing.on_order   orders, returns  billing                   latest       after success  partition             3 retries, then pause     at least once; what still fails holds its partition
Billing.on_refund  refunds          billing                   earliest     by the method  partition, 4 at once  1 retry, then stop        at least once, from what the method commits; what still fails stops the application
Audit.patient      a                auditors (cluster audit)  latest       after success  partition             retry forever, then skip  may lose messages: skips what cannot succeed (accept_loss)
Audit.all          /audit-.*/       auditors (cluster audit)  timestamp 5  after success  partition             skip                      may lose messages: skips what still fails (accept_loss); goes to the latest message when its position is lost
a message that kills the process 3 times counts as one that failed for good"
        );
    }

    #[test]
    fn the_table_tells_what_runs_side_by_side_and_where_failures_go() {
        let retried = listener_plan("A.retried", &["a"]);
        let retried = ListenerPlan {
            order_by: OrderBy::Key,
            blocking: true,
            rate: Some(Rate { messages: 500.try_into().unwrap(), per: Duration::from_secs(1) }),
            failure: FailurePlan {
                retry_topics: vec![Duration::from_secs(5), Duration::from_secs(5400)],
                deadline: Some(Duration::from_secs(600)),
                on_failure: OnFailure::DeadLetter,
                max_crashes: 0,
                ..retried.failure.clone()
            },
            ..retried
        };
        let batched = ListenerPlan {
            order_by: OrderBy::None,
            concurrency: Some(8),
            batch: Some(BatchPlan { max: 500, min: 1, wait: Duration::ZERO, bytes: 1, across_partitions: false }),
            ..failing(Retries::Forever, OnFailure::Stop, listener_plan("B.batched", &["b"]))
        };
        let table = start_table(&plan(vec![subscription_plan("g", vec![retried, batched])]));
        let rows: Vec<Vec<&str>> = table
            .lines()
            .skip(1)
            .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).skip(5).collect())
            .collect();
        assert_eq!(
            rows,
            [
                vec![
                    "key, 64 at once, blocking, 500 in 1s",
                    "3 retries within 10m, then again after 5s, 1h30m, then dead_letter",
                    "at least once; retry topics may change the order; what still fails goes to the topic a.g.dead",
                ],
                vec![
                    "none, 8 at once, batches up to 500",
                    "retry forever, then stop",
                    "at least once; what fails holds a place in the window until it succeeds, what never can stops the application",
                ],
                vec![],
                vec![],
            ]
        );
        let crashes: Vec<&str> = table.lines().skip(3).collect();
        assert_eq!(
            crashes,
            [
                "A.retried: a message that kills the process comes again, however often it does (max_crashes = 0)",
                "B.batched: a message that kills the process 3 times counts as one that failed for good",
            ]
        );
    }

    #[test]
    fn the_table_tells_where_failures_go_and_that_who_asked_is_told() {
        let dead = |listener| failing(Retries::Count(0), OnFailure::DeadLetter, listener);
        let answers = |answer, listener| ListenerPlan { answer: Some(answer), ..listener };
        let replies = || AnswerPlan::default();
        let listeners = vec![
            answers(replies(), listener_plan("A.pauses", &["a"])),
            answers(replies(), dead(listener_plan("A.buries", &["a"]))),
            answers(replies(), failing(Retries::Forever, OnFailure::Stop, listener_plan("A.stops", &["a"]))),
            answers(replies(), failing(Retries::Forever, OnFailure::Pause, listener_plan("A.waits", &["a"]))),
            answers(AnswerPlan { send_to: Some("results".into()), ..replies() }, listener_plan("A.sends", &["a"])),
            dead(listener_plan("A.of_two", &["a", "b"])),
        ];
        let table = start_table(&plan(vec![subscription_plan("g", listeners)]));
        let rows: Vec<Vec<&str>> = table
            .lines()
            .skip(1)
            .take(6)
            .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).skip(6).collect())
            .collect();
        assert_eq!(
            rows,
            [
                [
                    "3 retries, then pause; requests get the error",
                    "at least once; what still fails is answered with its error, or holds its partition where nobody asked",
                ],
                [
                    "dead_letter; requests get the error",
                    "at least once; what still fails goes to the topic a.g.dead, and who asked gets the error",
                ],
                [
                    "retry forever, then stop; requests get the error",
                    "at least once; what fails holds its partition until it succeeds, what never can stops the application, and who asked gets the error",
                ],
                [
                    "retry forever; requests get the error",
                    "at least once; what fails holds its partition until it succeeds, what never can is answered with its error, or holds its partition where nobody asked",
                ],
                ["3 retries, then pause", "at least once; what still fails holds its partition"],
                ["dead_letter", "at least once; what still fails goes to the topic {topic}.g.dead"],
            ]
        );
    }

    #[test]
    fn what_goes_around_a_listener_is_said_below_the_table() {
        let layers = ["audit", "log-outcomes"].map(|name| LayerPlan { name: name.into() });
        let surrounded = ListenerPlan { layers: layers.into(), ..listener_plan("A.one", &["a"]) };
        let plan = plan(vec![subscription_plan("g", vec![surrounded, listener_plan("B.two", &["b"])])]);
        let table = start_table(&plan);
        let below: Vec<&str> = table.lines().skip(3).collect();
        assert_eq!(below.first(), Some(&"A.one: messages go through audit, log-outcomes"));
        assert_eq!(below.len(), 2, "{below:?}");
    }

    #[test]
    fn listeners_that_wait_for_each_other_are_said_below_the_table() {
        let first = listener_plan("A.one", &["orders", "x"]);
        let second = ListenerPlan { window: 10, ..listener_plan("B.two", &["orders"]) };
        let alone = listener_plan("C.three", &["y"]);
        let plan = plan(vec![subscription_plan("g", vec![first, second, alone])]);
        assert_eq!(
            start_table(&plan).lines().skip(4).collect::<Vec<_>>(),
            [
                "A.one and B.two share group g on orders: when one stands still, the other goes on for 10 messages",
                "a message that kills the process 3 times counts as one that failed for good",
            ],
        );
    }
}
