//! Who listens to which topics: those that listeners name, those that their patterns mean, and the retry topics of both.

use super::Subscription;
use crate::engine::batch::Gathering;
use crate::engine::failing::retry_topics::RetryTopics;
use crate::engine::limit::Limit;
use crate::engine::topics;
use crate::engine::watch::TopicsSeen;
use crate::plan::{ListenerPlan, PartitionsWanted, TopicPlan};
use regex_lite::Regex;
use std::sync::Arc;

/// One listener of the subscription.
pub(super) struct Listening {
    pub(super) plan: Arc<ListenerPlan>,
    pub(super) pattern: Option<Regex>,
    pub(super) limit: Option<Arc<Limit>>,
    pub(super) gathering: Option<Arc<Gathering>>,
}

impl Listening {
    /// Whether it reads a topic for what is in it.
    pub(super) fn means(&self, topic: &str, retry_topics: &RetryTopics) -> bool {
        self.plan.topics.iter().any(|named| **named == *topic) || self.is_match(topic, retry_topics)
    }

    /// Whether a retry topic is one of a topic that it names.
    pub(super) fn declares(&self, retry_topic: &TopicPlan) -> bool {
        let PartitionsWanted::SameAs(origin) = &retry_topic.partitions else { return false };
        self.plan.topics.contains(origin)
    }

    /// Whether its pattern means a topic. Kafka's own are read by those who name them, and so is what the group failed at.
    pub(super) fn is_match(&self, topic: &str, retry_topics: &RetryTopics) -> bool {
        !topic.starts_with("__")
            && !retry_topics.is_own(topic)
            && self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(topic))
    }
}

impl Subscription {
    pub(super) fn listeners_of(&self, topic: &str) -> Vec<usize> {
        // A retry topic is read by those whose messages wait there, and by nobody else.
        if let Some(listeners) = self.retry_topics.listeners_of(topic) {
            return listeners.collect();
        }
        let indices =
            self.listeners.iter().enumerate().filter(|(_, listening)| listening.means(topic, &self.retry_topics));
        indices.map(|(index, _)| index).collect()
    }

    /// Has the retry topics of what patterns match created; those of named topics are, before anything is read.
    pub(super) fn create_retry_topics(&mut self, seen: &TopicsSeen) {
        let Some(admin) = &self.admin else { return };
        let mut missing = self.retry_topics.plans(&self.plan.group_id);
        missing.retain(|topic| !seen.contains_key(&topic.name) && !self.creating.contains(&topic.name));
        missing.retain(|topic| !self.listeners.iter().any(|listening| listening.declares(topic)));
        if missing.is_empty() {
            return;
        }
        self.creating.extend(missing.iter().map(|topic| Arc::clone(&topic.name)));
        let creation = topics::see_to(admin.clone(), missing, Arc::clone(&self.signals));
        self.creations.spawn_on(creation, &self.runtime);
    }

    /// The retry topics that belong to the topics that there are.
    pub(super) fn find_retry_topics(&self, seen: &TopicsSeen) -> RetryTopics {
        // Twice: only the first look tells which topics hold what failed, so that no pattern means them.
        let found = RetryTopics::default();
        [(), ()].iter().fold(found, |found, ()| {
            let sources = |listening: &Listening| -> Vec<Arc<str>> {
                let named = listening.plan.topics.iter().filter(|topic| seen.contains_key(*topic));
                let matched = seen.keys().filter(|topic| listening.is_match(topic, &found));
                named.chain(matched).cloned().collect()
            };
            let listeners = self.listeners.iter().map(|listening| (&*listening.plan, sources(listening)));
            RetryTopics::of(&self.plan.group_id, listeners)
        })
    }
}
