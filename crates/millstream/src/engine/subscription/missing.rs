//! Topics that listeners name and that a cluster does not have.

use crate::engine::watch::TopicsSeen;
use crate::plan::ListenerPlan;
use std::collections::BTreeSet;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Those that are to be read.
    pub(super) read: Vec<Arc<str>>,
    /// Those that results go to, and that nobody reads here.
    pub(super) written: Vec<Arc<str>>,
}

impl Missing {
    /// What these listeners name and is not there.
    pub(super) fn find<'l>(listeners: impl Iterator<Item = &'l ListenerPlan>, seen: &TopicsSeen) -> Self {
        let (mut read, mut written) = (BTreeSet::new(), BTreeSet::new());
        for listener in listeners {
            read.extend(&listener.topics);
            written.extend(listener.answer.as_ref().and_then(|answer| answer.send_to.as_ref()));
        }
        let missing = |topic: &&Arc<str>| !seen.contains_key(*topic);
        Self {
            written: written.difference(&read).copied().filter(missing).cloned().collect(),
            read: read.into_iter().filter(missing).cloned().collect(),
        }
    }

    /// What is left where these are being created.
    pub(super) fn without(&self, promised: &BTreeSet<Arc<str>>) -> Self {
        let left = |topics: &[Arc<str>]| topics.iter().filter(|topic| !promised.contains(*topic)).cloned().collect();
        Self { read: left(&self.read), written: left(&self.written) }
    }

    /// It as the error of a start; nothing where nothing is missing.
    pub(super) fn problem(&self, cluster: &str) -> Option<String> {
        let read = (!self.read.is_empty()).then(|| format!("no topic {}", self.read.join(", ")));
        let written = (!self.written.is_empty()).then(|| format!("no topic {} for results", self.written.join(", ")));
        let topics = [read, written].into_iter().flatten().collect::<Vec<_>>();
        (!topics.is_empty()).then(|| {
            format!(
                "cluster {cluster} has {}: create it, declare it in `[kafka.topics]`, or set `missing_topics = \"wait\"`",
                topics.join(" and ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::listener_plan;
    use crate::plan::AnswerPlan;

    fn sends(id: &str, reads: &[&str], to: &str) -> ListenerPlan {
        let answer = AnswerPlan { send_to: Some(to.into()), ..AnswerPlan::default() };
        ListenerPlan { answer: Some(answer), ..listener_plan(id, reads) }
    }

    fn seen(topics: &[&str]) -> TopicsSeen {
        Arc::new(topics.iter().map(|topic| (Arc::from(*topic), 1)).collect())
    }

    #[test]
    fn topics_to_read_and_topics_for_results_are_looked_for_and_named_once() {
        let listeners = [sends("A.one", &["orders", "returns"], "results"), sends("A.two", &["orders"], "returns")];
        let missing = Missing::find(listeners.iter(), &seen(&["orders"]));
        assert_eq!((missing.read, missing.written), (vec!["returns".into()], vec!["results".into()]));
        let all = seen(&["orders", "returns", "results"]);
        assert_eq!(Missing::find(listeners.iter(), &all), Missing::default());
    }

    #[test]
    fn the_error_names_every_topic_that_nobody_creates() {
        let listeners = [sends("A.one", &["orders"], "results"), listener_plan("A.two", &["declared"])];
        let missing = Missing::find(listeners.iter(), &seen(&[])).without(&BTreeSet::from(["declared".into()]));
        assert_eq!(
            missing.problem("default").as_deref(),
            Some(
                "cluster default has no topic orders and no topic results for results: create it, declare it in `[kafka.topics]`, or set `missing_topics = \"wait\"`"
            )
        );
        assert_eq!(Missing::default().problem("default"), None);
    }
}
