//! The topics that an application needs in a cluster.

use super::failing;
use crate::plan::{ClusterPlan, ListenerPlan, Plan, SubscriptionPlan, TopicPlan};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The topics that must be there: those that the configuration declares, and those that the engine itself needs.
pub(super) fn declared_topics(plan: &Plan, cluster: &ClusterPlan) -> Vec<TopicPlan> {
    let mut topics = cluster.topics.clone();
    let dead_letters = subscriptions(plan, &cluster.name).flat_map(failing::dead_letter::declared);
    for needed in retry_topics(plan, &cluster.name).into_iter().chain(dead_letters) {
        match topics.iter_mut().find(|topic| topic.name == needed.name) {
            // The user says how it is made, and it must serve all the same.
            Some(topic) => topic.required.extend(needed.required),
            None => topics.push(needed),
        }
    }
    topics
}

/// Those of them that are created where they are missing.
pub(super) fn promised_topics(plan: &Plan, cluster: &ClusterPlan) -> BTreeSet<Arc<str>> {
    declared_topics(plan, cluster).into_iter().filter(|topic| topic.create).map(|topic| topic.name).collect()
}

pub(super) fn retry_topics(plan: &Plan, cluster: &Arc<str>) -> Vec<TopicPlan> {
    subscriptions(plan, cluster).flat_map(failing::retry_topics::declared).collect()
}

/// Those that listeners name to read.
pub(super) fn named_topics(plan: &Plan, cluster: &Arc<str>) -> Vec<Arc<str>> {
    sorted(listeners(plan, cluster).flat_map(|listener| listener.topics.iter().cloned()))
}

/// Those that listeners name to send their results to.
pub(super) fn result_topics(plan: &Plan, cluster: &Arc<str>) -> Vec<Arc<str>> {
    sorted(listeners(plan, cluster).filter_map(|listener| listener.answer.as_ref()?.send_to.clone()))
}

fn sorted(topics: impl Iterator<Item = Arc<str>>) -> Vec<Arc<str>> {
    topics.collect::<BTreeSet<_>>().into_iter().collect()
}

fn listeners<'p>(plan: &'p Plan, cluster: &'p Arc<str>) -> impl Iterator<Item = &'p ListenerPlan> {
    subscriptions(plan, cluster).flat_map(|subscription| &subscription.listeners)
}

fn subscriptions<'p>(plan: &'p Plan, cluster: &'p Arc<str>) -> impl Iterator<Item = &'p SubscriptionPlan> {
    plan.subscriptions.iter().filter(move |subscription| subscription.cluster == *cluster)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{listener_plan, plan, subscription_plan};
    use crate::plan::{AnswerPlan, FailurePlan, OnFailure, PartitionsWanted};
    use std::collections::BTreeMap;

    fn declared(name: &str, create: bool) -> TopicPlan {
        let partitions = PartitionsWanted::BrokerDefault;
        TopicPlan {
            name: name.into(),
            partitions,
            replication: None,
            config: BTreeMap::new(),
            create,
            required: Vec::new(),
        }
    }

    #[test]
    fn what_is_declared_and_dead_letters_are_created_and_topics_for_results_are_not() {
        let listener = listener_plan("A.one", &["orders"]);
        let listener = ListenerPlan {
            answer: Some(AnswerPlan { wire: None, send_to: Some("results".into()) }),
            failure: FailurePlan { on_failure: OnFailure::DeadLetter, ..listener.failure.clone() },
            ..listener
        };
        let mut plan = plan(vec![subscription_plan("g", vec![listener])]);
        plan.clusters[0].topics = vec![declared("ours", true), declared("theirs", false)];
        let cluster = &plan.clusters[0];
        assert_eq!(promised_topics(&plan, cluster), BTreeSet::from(["orders.g.dead", "ours"].map(Arc::<str>::from)));
        assert_eq!(result_topics(&plan, &cluster.name), [Arc::<str>::from("results")]);
        assert_eq!(named_topics(&plan, &cluster.name), [Arc::<str>::from("orders")]);
    }
}
