//! The table of listeners that an application prints when it starts.

use super::guarantee::guarantee;
use crate::plan::{ListenerPlan, OnFailure, Plan, Retries, Start, SubscriptionPlan};

const HEAD: [&str; 8] = ["listener", "topics", "group", "start", "commit", "order", "on failure", "guarantee"];

/// One row a listener, and below a line for each pair of listeners that wait for each other.
pub(crate) fn start_table(plan: &Plan) -> String {
    let mut rows: Vec<[String; 8]> = vec![HEAD.map(str::to_owned)];
    for subscription in &plan.subscriptions {
        rows.extend(subscription.listeners.iter().map(|listener| row(subscription, listener)));
    }
    let mut lines = aligned(&rows);
    lines.extend(plan.subscriptions.iter().flat_map(waits));
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
        guarantee(listener),
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
    match listener.concurrency {
        None => "partition".to_owned(),
        Some(limit) => format!("partition, {limit} at once"),
    }
}

fn on_failure(listener: &ListenerPlan) -> String {
    let last = match listener.failure.on_failure {
        OnFailure::Pause => "pause",
        OnFailure::Stop => "stop",
        OnFailure::Skip => "skip",
        OnFailure::DeadLetter => "dead_letter",
    };
    match listener.failure.retries {
        Retries::Forever => "retry forever".to_owned(),
        Retries::Count(0) => last.to_owned(),
        Retries::Count(1) => format!("1 retry, then {last}"),
        Retries::Count(count) => format!("{count} retries, then {last}"),
    }
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
    use crate::plan::{FailurePlan, OnLostPosition};

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
listener           topics           group                     start        commit         order                 on failure             guarantee
Billing.on_order   orders, returns  billing                   latest       after success  partition             3 retries, then pause  at least once; what still fails holds its partition
Billing.on_refund  refunds          billing                   earliest     by the method  partition, 4 at once  1 retry, then stop     at least once, from what the method commits; what still fails stops the application
Audit.patient      a                auditors (cluster audit)  latest       after success  partition             retry forever          at least once; what fails holds its partition until it succeeds
Audit.all          /audit-.*/       auditors (cluster audit)  timestamp 5  after success  partition             skip                   may lose messages: skips what still fails (accept_loss); goes to the latest message when its position is lost"
        );
    }

    #[test]
    fn listeners_that_wait_for_each_other_are_said_below_the_table() {
        let first = listener_plan("A.one", &["orders", "x"]);
        let second = ListenerPlan { window: 10, ..listener_plan("B.two", &["orders"]) };
        let alone = listener_plan("C.three", &["y"]);
        let plan = plan(vec![subscription_plan("g", vec![first, second, alone])]);
        assert_eq!(
            start_table(&plan).lines().skip(4).collect::<Vec<_>>(),
            ["A.one and B.two share group g on orders: when one stands still, the other goes on for 10 messages"],
        );
    }
}
