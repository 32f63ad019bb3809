//! `--only`: some listeners of an application run, the others do not.

use crate::plan::{ListenerPlan, Plan};
use crate::registry::DeclaredListener;
use millstream_config::{Problem, nearest};

/// Ids that no listener has.
pub(super) fn unknown(only: &[String], declared: &[DeclaredListener]) -> Vec<Problem> {
    let ids: Vec<_> = declared.iter().map(DeclaredListener::id).collect();
    let ids = || ids.iter().map(|id| &**id);
    only.iter()
        .filter(|wanted| !ids().any(|id| id == *wanted))
        .map(|wanted| {
            let problem = Problem::new(format!("`--only` names `{wanted}`, which is no listener"));
            problem.with_suggestion(match nearest(wanted, ids()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`--listeners` lists them".to_owned(),
            })
        })
        .collect()
}

/// The plan with these listeners alone.
///
/// A listener that is left out while another of its group reads the same topic would lose messages: the
/// group's position passes them. That is refused.
pub(super) fn restrict(mut plan: Plan, only: &[String]) -> Result<Plan, Vec<Problem>> {
    let kept = |listener: &ListenerPlan| only.iter().any(|id| **id == *listener.id);
    let mut problems = Vec::new();
    for subscription in &mut plan.subscriptions {
        let (wanted, left_out): (Vec<_>, Vec<_>) = subscription.listeners.drain(..).partition(kept);
        for absent in &left_out {
            problems.extend(wanted.iter().find_map(|present| would_lose(present, absent, &subscription.group_id)));
        }
        subscription.listeners = wanted;
    }
    plan.subscriptions.retain(|subscription| !subscription.listeners.is_empty());
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

/// No listener is left to run.
pub(super) fn nothing_left(only: &[String]) -> Problem {
    if only.is_empty() {
        return Problem::new("every listener is disabled").with_suggestion("let one say `enabled = true`");
    }
    let ids: Vec<_> = only.iter().map(|id| format!("`{id}`")).collect();
    Problem::new(format!("`--only` leaves no listener: {} is disabled", ids.join(", ")))
        .with_suggestion("set `enabled = true` for it, such as with `--set kafka.listeners.\"ID\".enabled=true`")
}

fn would_lose(present: &ListenerPlan, absent: &ListenerPlan, group_id: &str) -> Option<Problem> {
    let shared = present.topics.iter().find(|topic| absent.topics.contains(topic));
    let what = match shared {
        Some(topic) => format!("topic `{topic}`"),
        None if present.pattern.is_some() || absent.pattern.is_some() => "a pattern of topics".to_owned(),
        None => return None,
    };
    Some(
        Problem::new(format!(
            "`--only` leaves out `{}`, which reads {what} in group `{group_id}` like `{}`: the group's position would pass its messages",
            absent.id, present.id
        ))
        .with_suggestion(format!("name `{}` too, or give it a group of its own", absent.id)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{listener_plan, plan, subscription_plan};

    fn two_groups() -> Plan {
        plan(vec![
            subscription_plan("a", vec![listener_plan("A.one", &["x"]), listener_plan("A.two", &["y"])]),
            subscription_plan("b", vec![listener_plan("B.one", &["x"])]),
        ])
    }

    fn only(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn only_the_named_listeners_are_left() {
        let plan = restrict(two_groups(), &only(&["A.two"])).unwrap();
        let ids: Vec<_> = plan.subscriptions.iter().flat_map(|s| &s.listeners).map(|l| l.id.to_string()).collect();
        assert_eq!(ids, ["A.two"]);
        assert_eq!(plan.clusters.len(), 1);
    }

    #[test]
    fn leaving_out_a_listener_whose_messages_would_be_lost_is_refused() {
        let shared = plan(vec![subscription_plan(
            "g",
            vec![listener_plan("A.one", &["x"]), listener_plan("B.two", &["x"]), listener_plan("C.three", &["z"])],
        )]);
        let problems = restrict(shared, &only(&["A.one"])).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].to_string().contains("leaves out `B.two`, which reads topic `x` in group `g` like `A.one`")
        );
    }

    #[test]
    fn a_pattern_may_share_any_topic() {
        let pattern = ListenerPlan { pattern: Some(".*".into()), ..listener_plan("P.all", &[]) };
        let shared = plan(vec![subscription_plan("g", vec![listener_plan("A.one", &["x"]), pattern])]);
        assert_eq!(restrict(shared, &only(&["A.one"])).unwrap_err().len(), 1);
    }
}
