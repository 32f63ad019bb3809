//! One group member: what its group decides, and its listeners.

use super::agreement;
use super::cluster::ClusterSettings;
use super::decided::{Decided, Scopes};
use super::group::{DEFAULT_MEMORY, DEFAULT_REVOKE_TIMEOUT};
use super::owned_properties::{is_classic_only, is_consumer_only};
use super::properties::PropertyTable;
use super::said::{Refusal, Said, Site};
use crate::plan::{GroupProtocol, SubscriptionPlan};
use millstream_config::Problems;
use std::time::Duration;

/// librdkafka's own defaults, and ours for a session.
const MAX_POLL_INTERVAL: u64 = 300_000;
const SESSION_TIMEOUT: u64 = 10_000;

/// A subscription, and where what its group decides was said.
#[derive(Debug)]
pub(super) struct Subscribed {
    pub(super) plan: SubscriptionPlan,
    pub(super) sites: Vec<(&'static str, Site)>,
}

/// Decides for the enabled listeners of one (cluster, group), of which there is at least one.
pub(super) fn plan(
    first: &Decided,
    listeners: &[&Decided],
    cluster: &ClusterSettings,
    scopes: &Scopes,
    problems: &mut Problems,
    notices: &mut Vec<String>,
) -> Subscribed {
    agreement::check(listeners, problems);
    let group_id = &first.group_id.value;
    let own = scopes.groups.get(&**group_id).cloned().unwrap_or_default();
    let group = own.or(&scopes.general);
    let mut properties = cluster.consumer_properties(&scopes.general.properties).under(group.properties.clone());
    let protocol = group.protocol.clone().unwrap_or_else(|| built_in_protocol(cluster));
    if group.protocol.is_none() && cluster.is_embedded() {
        // Nobody chose the protocol that has no use for them.
        notices.extend(properties.take(is_classic_only).iter().map(|(_, said)| {
            format!("{} has no effect on an embedded broker, whose groups use the protocol \"consumer\"", said.site)
        }));
    }
    check_protocol(&protocol, &properties, problems);
    let revoke_timeout =
        group.revoke_timeout.unwrap_or_else(|| Said::built_in("revoke_timeout", DEFAULT_REVOKE_TIMEOUT, "\"5s\""));
    let memory = group.memory.unwrap_or_else(|| Said::built_in("memory", DEFAULT_MEMORY, "\"128MiB\""));
    check_times(protocol.value, &revoke_timeout, &properties, problems);
    let mut sites =
        vec![("group_protocol", protocol.site), ("revoke_timeout", revoke_timeout.site), ("memory", memory.site)];
    sites.extend(group.instance_id.as_ref().map(|said| ("group_instance_id", said.site.clone())));
    let mut properties = properties.into_values();
    properties.extend(cluster.client_id());
    let plan = SubscriptionPlan {
        cluster: first.cluster.value.clone(),
        group_id: group_id.clone(),
        protocol: protocol.value,
        group_instance_id: group.instance_id.map(|said| said.value.to_string()),
        properties,
        commit_interval: first.commit_interval.value,
        revoke_timeout: revoke_timeout.value,
        memory: memory.value,
        listeners: listeners.iter().map(|listener| listener.plan()).collect(),
    };
    Subscribed { plan, sites }
}

/// The classic groups of an embedded broker take as long as a session to gather.
fn built_in_protocol(cluster: &ClusterSettings) -> Said<GroupProtocol> {
    let (protocol, shown) = if cluster.is_embedded() {
        (GroupProtocol::Consumer, "\"consumer\"")
    } else {
        (GroupProtocol::ClassicCooperative, "\"cooperative\"")
    };
    Said::built_in("group_protocol", protocol, shown)
}

/// librdkafka makes no client with properties of the protocol that is not used.
fn check_protocol(protocol: &Said<GroupProtocol>, properties: &PropertyTable, problems: &mut Problems) {
    let is_consumer = protocol.value == GroupProtocol::Consumer;
    let mut properties = properties.clone();
    let foreign = properties.take(|name| if is_consumer { is_classic_only(name) } else { is_consumer_only(name) });
    for (name, said) in foreign {
        let refusal = if is_consumer {
            Refusal::new(format!("with {}, the broker decides `{name}`", protocol.site))
                .fix("remove it, or set `group_protocol = \"cooperative\"`")
        } else {
            Refusal::new(format!("`{name}` belongs to the group protocol \"consumer\"; here is {}", protocol.site))
                .fix("remove it, or set `group_protocol = \"consumer\"`")
        };
        problems.push(said.site.problem(refusal));
    }
}

/// Times that only work in one order.
fn check_times(protocol: GroupProtocol, revoke: &Said<Duration>, properties: &PropertyTable, problems: &mut Problems) {
    let poll = properties.number("max.poll.interval.ms", MAX_POLL_INTERVAL);
    let session = properties.number("session.timeout.ms", SESSION_TIMEOUT);
    let set = properties.get("max.poll.interval.ms").or_else(|| properties.get("session.timeout.ms"));
    if protocol != GroupProtocol::Consumer
        && poll < session
        && let Some(set) = set
    {
        let refusal =
            Refusal::new(format!("max.poll.interval.ms ({poll}) cannot be less than session.timeout.ms ({session})"));
        problems.push(set.site.problem(refusal.fix("raise the one or lower the other")));
    }
    if revoke.value >= Duration::from_millis(poll) {
        let refusal = Refusal::new(format!(
            "has to be shorter than max.poll.interval.ms ({poll} ms), after which the broker takes the partitions away"
        ));
        problems.push(revoke.site.problem(refusal.fix("lower it")));
    }
}
