//! Topics in which failed messages wait: which there are, whose they are, and what is written to them.

use super::destination::Destination;
use super::letter::Letter;
use super::names::{dead_letter_topic, delay_text, retry_topic};
use super::origin::{RETRY_DUE, RETRY_STAGE, Travelled};
use crate::engine::lane::Lane;
use crate::plan::{Allowed, ConfigRule, ListenerPlan, OnFailure, PartitionsWanted, SubscriptionPlan, TopicPlan};
use crate::producer::OutgoingMessage;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a message is kept at least after it was due: so long may an application be away.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How much later than its delay a message may say that it is due; anything else was not written by us.
const SLACK: i64 = 60_000;

/// A retry topic as one of its listeners sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Which of the listener's retry topics it is, from 0, where a message does not say.
    pub(crate) index: usize,
    pub(crate) delay: Duration,
    /// The topic that the messages came from.
    pub(crate) origin: Arc<str>,
    /// Other listeners of the group that have the same retry topic.
    pub(crate) others: Vec<Arc<str>>,
}

impl Stage {
    /// Which of the listener's retry topics a message is in: two may have one delay, and so one topic.
    pub(crate) fn index_of(&self, travelled: &Travelled, delays: &[Duration]) -> usize {
        let says = travelled.stage.filter(|stage| delays.get(*stage) == Some(&self.delay));
        says.unwrap_or(self.index)
    }

    /// When a message is due, in milliseconds since 1970; one that tells nothing credible is due now.
    pub(crate) fn due(&self, travelled: &Travelled, written: Option<i64>) -> Option<i64> {
        let delay = i64::try_from(self.delay.as_millis()).unwrap_or(i64::MAX);
        let latest = written?.saturating_add(delay).saturating_add(SLACK);
        travelled.due.filter(|due| *due <= latest)
    }

    /// Whether another listener of the same topic is the one to try a message again.
    pub(crate) fn is_of_another(&self, travelled: &Travelled, listener: &str) -> bool {
        let whose = travelled.listener.as_deref();
        whose.is_some_and(|whose| whose != listener && self.others.iter().any(|other| **other == *whose))
    }
}

/// Where the messages of a lane wait at a stage.
pub(crate) fn destination(lane: &Lane, delays: &[Duration], stage: usize) -> Option<Destination> {
    let delay = *delays.get(stage)?;
    let origin = lane.stage.as_ref().map_or(&lane.topic, |stage| &stage.origin);
    Some(Destination::Retry { topic: retry_topic(origin, &lane.group_id, delay).into(), stage, delay })
}

/// What is written to a retry topic. Its timestamp is the time of the writing, as the topic's retention counts from it.
pub(crate) fn message(letter: &Letter, partition: i32, stage: usize, delay: Duration) -> OutgoingMessage {
    let delay = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
    let due = letter.reason.last.saturating_add(delay);
    letter.copy(partition).header(RETRY_DUE, due.to_string()).header(RETRY_STAGE, stage.to_string())
}

/// The retry topics of one group, of the topics that there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RetryTopics {
    /// By name: the listeners, by their number, and what they see there.
    stages: BTreeMap<Arc<str>, Vec<(usize, Stage)>>,
    dead_letters: BTreeSet<String>,
    /// Within the names of all of them.
    infix: String,
}

impl RetryTopics {
    /// Those of a group: each listener with the topics that it reads.
    pub(crate) fn of<'l>(group_id: &str, listeners: impl Iterator<Item = (&'l ListenerPlan, Vec<Arc<str>>)>) -> Self {
        let name = retry_topic("", group_id, Duration::ZERO);
        let mut topics =
            Self { infix: name.trim_end_matches(&delay_text(Duration::ZERO)).to_owned(), ..Self::default() };
        let mut owners: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
        for (number, (plan, sources)) in listeners.enumerate() {
            for origin in sources {
                if plan.failure.on_failure == OnFailure::DeadLetter {
                    let template = &plan.failure.dead_letter.topic;
                    topics.dead_letters.insert(dead_letter_topic(template, &origin, group_id, &plan.id));
                }
                for (index, delay) in plan.failure.retry_topics.iter().enumerate() {
                    let name: Arc<str> = retry_topic(&origin, group_id, *delay).into();
                    let known = topics.stages.entry(Arc::clone(&name)).or_default();
                    if known.iter().all(|(other, _)| *other != number) {
                        let stage = Stage { index, delay: *delay, origin: Arc::clone(&origin), others: Vec::new() };
                        known.push((number, stage));
                        owners.entry(name).or_default().push(Arc::clone(&plan.id));
                    }
                }
            }
        }
        for (name, stages) in &mut topics.stages {
            let owners = owners.remove(name).unwrap_or_default();
            for (place, (_, stage)) in stages.iter_mut().enumerate() {
                let others = owners.iter().enumerate().filter(|(other, _)| *other != place);
                stage.others = others.map(|(_, id)| Arc::clone(id)).collect();
            }
        }
        topics
    }

    /// Who reads a topic as a retry topic; nothing where it is none.
    pub(crate) fn listeners_of(&self, topic: &str) -> Option<impl Iterator<Item = usize>> {
        self.stages.get(topic).map(|stages| stages.iter().map(|(listener, _)| *listener))
    }

    /// What a listener sees in a topic.
    pub(crate) fn stage_of(&self, topic: &str, listener: usize) -> Option<&Stage> {
        let stages = self.stages.get(topic)?;
        stages.iter().find(|(other, _)| *other == listener).map(|(_, stage)| stage)
    }

    /// How each of them is to be made.
    pub(crate) fn plans(&self, group_id: &str) -> Vec<TopicPlan> {
        let stages = self.stages.values().filter_map(|stages| stages.first());
        stages.map(|(_, stage)| declare(&stage.origin, group_id, stage.delay)).collect()
    }

    /// Whether a topic looks like a retry topic of this group that none of its listeners has: what waits there is not read.
    pub(crate) fn is_left_over(&self, topic: &str) -> bool {
        !self.stages.contains_key(topic) && self.is_named_like_ours(topic)
    }

    fn is_named_like_ours(&self, topic: &str) -> bool {
        topic.split_once(&self.infix).is_some_and(|(origin, _)| !origin.is_empty() && !self.infix.is_empty())
    }

    /// Whether a topic holds what this group failed at, so that no pattern of the group means it.
    pub(crate) fn is_own(&self, topic: &str) -> bool {
        self.dead_letters.contains(topic) || self.is_named_like_ours(topic)
    }
}

/// The retry topics of the listeners that name their topics, to be there before anybody needs them.
pub(crate) fn declared(subscription: &SubscriptionPlan) -> Vec<TopicPlan> {
    let mut topics: BTreeMap<String, TopicPlan> = BTreeMap::new();
    for listener in &subscription.listeners {
        for origin in &listener.topics {
            for delay in &listener.failure.retry_topics {
                let topic = declare(origin, &subscription.group_id, *delay);
                topics.insert(topic.name.to_string(), topic);
            }
        }
    }
    topics.into_values().collect()
}

fn declare(origin: &Arc<str>, group_id: &str, delay: Duration) -> TopicPlan {
    let retention = i64::try_from(delay.saturating_add(KEPT).as_millis()).unwrap_or(i64::MAX);
    let config = [("cleanup.policy", "delete".to_owned()), ("retention.ms", retention.to_string())];
    let reason = format!("messages wait there for {}", delay_text(delay));
    let kept = format!("{reason}, and up to seven days longer where the application is away");
    TopicPlan {
        name: retry_topic(origin, group_id, delay).into(),
        partitions: PartitionsWanted::SameAs(Arc::clone(origin)),
        replication: None,
        config: config.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        create: true,
        required: vec![
            ConfigRule {
                name: "cleanup.policy".into(),
                allowed: Allowed::Exactly("delete".into()),
                reason: format!("{reason}, and compaction would remove those with equal keys"),
            },
            ConfigRule { name: "retention.ms".into(), allowed: Allowed::AtLeast(retention), reason: kept },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::letter::{only, sample};
    use super::super::origin::{ATTEMPTS, ORIGIN_LISTENER};
    use super::*;
    use crate::context::Headers;

    const SECOND: Duration = Duration::from_secs(1);

    fn stage(others: &[&str]) -> Stage {
        let others = others.iter().map(|id| Arc::from(*id)).collect();
        Stage { index: 1, delay: SECOND, origin: "orders".into(), others }
    }

    #[test]
    fn what_is_written_reads_back() {
        let letter = sample(Destination::Retry { topic: "orders.billing.retry.1s".into(), stage: 1, delay: SECOND });
        let message = message(&letter, 0, 1, SECOND);
        let travelled = Travelled::read(Headers::owned(message.header_list()));
        assert_eq!((travelled.due, travelled.stage, travelled.attempts), (Some(4_000), Some(1), 4));
        assert_eq!((travelled.since, travelled.listener.as_deref()), (Some(2_000), Some("Billing.on_order")));
        assert_eq!((only(&message, ATTEMPTS), only(&message, ORIGIN_LISTENER)), (&b"4"[..], &b"Billing.on_order"[..]));
    }

    #[test]
    fn a_message_is_due_when_it_says_unless_that_is_later_than_its_topic_lets_it_wait() {
        let due = |due, written| stage(&[]).due(&Travelled { due, ..Travelled::default() }, written);
        assert_eq!(due(Some(2_000), Some(1_000)), Some(2_000));
        assert_eq!(due(Some(i64::MAX), Some(1_000)), None);
        assert_eq!(due(None, Some(1_000)), None);
        assert_eq!(due(Some(2_000), None), None);
    }

    #[test]
    fn the_stage_is_what_the_message_says_if_its_delay_is_the_topics() {
        let delays = [SECOND, SECOND, SECOND * 60];
        let index = |says| stage(&[]).index_of(&Travelled { stage: says, ..Travelled::default() }, &delays);
        assert_eq!([Some(0), Some(1), Some(2), Some(9), None].map(index), [0, 1, 1, 1, 1]);
    }

    #[test]
    fn a_message_belongs_to_another_listener_only_if_that_one_is_there_to_read_it() {
        let of = |listener: Option<&str>| {
            let travelled = Travelled { listener: listener.map(str::to_owned), ..Travelled::default() };
            stage(&["Mail.on_order"]).is_of_another(&travelled, "Billing.on_order")
        };
        assert!(of(Some("Mail.on_order")));
        assert!(!of(Some("Billing.on_order")));
        assert!(!of(Some("Removed.on_order")), "nobody else would try it again");
        assert!(!of(None));
    }
}
