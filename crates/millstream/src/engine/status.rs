//! What each listener is doing, for the handle.

use super::lane::{Lane, LaneState};
use super::signals::Signals;
use crate::app::{ListenerStatus, PartitionState, PartitionStatus};
use crate::plan::Plan;
use std::sync::Arc;

/// Every listener of the plan, with the partitions it has now.
pub(super) fn listeners(plan: &Plan, signals: &Signals) -> Vec<ListenerStatus> {
    let mut statuses = Vec::new();
    for subscription in &plan.subscriptions {
        for listener in &subscription.listeners {
            let mut partitions: Vec<_> = signals.lanes(&listener.id).iter().map(partition).collect();
            partitions.sort_by(|one, other| (&one.topic, one.partition).cmp(&(&other.topic, other.partition)));
            statuses.push(ListenerStatus {
                id: Arc::clone(&listener.id),
                cluster: Arc::clone(&subscription.cluster),
                group_id: Arc::clone(&subscription.group_id),
                topics: listener.topics.clone(),
                pattern: listener.pattern.clone(),
                partitions,
                unasked_results: signals.unasked(&listener.id).count(),
            });
        }
    }
    statuses
}

fn partition(lane: &Arc<Lane>) -> PartitionStatus {
    let (open_messages, open_bytes) = lane.with_window(|window| (window.len(), window.bytes())).unwrap_or_default();
    PartitionStatus {
        open_messages,
        open_bytes,
        topic: Arc::clone(&lane.topic),
        partition: lane.partition,
        position: lane.frontier.offset().unwrap_or(0),
        state: match lane.state() {
            LaneState::Starting | LaneState::Running | LaneState::Ended => PartitionState::Running,
            LaneState::Retrying { offset, attempt, reason } => PartitionState::Retrying { offset, attempt, reason },
            LaneState::Writing { offset, topic, error } => PartitionState::Writing { offset, topic, error },
            LaneState::Paused { offset, reason } => PartitionState::Paused { offset, reason },
        },
    }
}
