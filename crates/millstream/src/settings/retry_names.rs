//! Retry topics of all listeners: no two origins may meet in one topic.

use super::decided::Decided;
use super::listener_settings::Subject;
use super::said::Refusal;
use crate::engine::failing::names::retry_topic;
use millstream_config::{Problem, Problems};
use std::collections::BTreeMap;

/// Checks the enabled listeners of all groups.
pub(super) fn check(listeners: &[&Decided], problems: &mut Problems) {
    // Of one origin for one group there is one topic, whichever listener asks for it.
    let mut origins: BTreeMap<(&str, String), (&str, &Decided)> = BTreeMap::new();
    let mut told: Vec<(&str, &str)> = Vec::new();
    for listener in listeners {
        let (Some(delays), Subject::Topics(topics)) = (&listener.settings.retry_topics, &listener.subject.value) else {
            continue;
        };
        for (topic, delay) in topics.iter().flat_map(|topic| delays.value.iter().map(move |delay| (topic, *delay))) {
            let name = retry_topic(topic, &listener.group_id.value, delay);
            let (origin, first) =
                *origins.entry((&*listener.cluster.value, name.clone())).or_insert((&**topic, *listener));
            let same_origin = *origin == **topic && first.group_id.value == listener.group_id.value;
            if same_origin || told.contains(&(&*first.id, &*listener.id)) {
                continue;
            }
            told.push((&*first.id, &*listener.id));
            let refusal = Refusal::new(format!(
                "the retry topic `{name}` is that of topic `{origin}` and group `{}`, of topic `{topic}` and group \
                 `{}` alike: each would read what the other failed at",
                first.group_id.value, listener.group_id.value
            ));
            problems.push(delays.site.problem(refusal.fix("give one of the two another `group_id`")));
        }
    }
    problems.extend(listeners.iter().filter_map(|listener| reads_retries(listener, &origins)));
}

/// A listener that names a retry topic of its own group would be given each message twice, the first time too early.
fn reads_retries(listener: &Decided, origins: &BTreeMap<(&str, String), (&str, &Decided)>) -> Option<Problem> {
    let Subject::Topics(topics) = &listener.subject.value else { return None };
    let cluster = &*listener.cluster.value;
    let (topic, owner) = topics.iter().find_map(|topic| {
        let (_, owner) = origins.get(&(cluster, topic.to_string()))?;
        (owner.group_id.value == listener.group_id.value).then_some((topic, owner))
    })?;
    let refusal = Refusal::new(format!(
        "`{topic}` is a retry topic of `{}` in the same group, which reads it already, and only when it is due",
        owner.id
    ));
    Some(listener.subject.site.problem(refusal.fix("remove the topic here, or read it in another group")))
}
