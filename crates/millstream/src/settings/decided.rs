//! One listener, with everything decided that annotations and configuration leave open.

use super::cluster;
use super::from_code::{self, Speaker};
use super::from_table;
use super::group::GroupSettings;
use super::listener_settings::{ListenerSettings, Subject};
use super::names;
use super::reading::Reading;
use super::rules;
use super::said::{Said, Scope, Site};
use crate::plan::{
    AnswerPlan, Backoff, Classification, DeadLetterPlan, FailurePlan, ListenerPlan, OnFailure, OnLostPosition, OrderBy,
    Retries, Start,
};
use crate::registry::{DeclaredListener, Location};
use millstream_config::{Problem, Problems};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const COMMIT_INTERVAL: Duration = Duration::from_secs(1);
const RETRIES: u32 = 5;
const BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
const BACKOFF_FACTOR: f64 = 2.0;
const BACKOFF_JITTER: f64 = 0.2;
const WINDOW: u32 = 1024;
const WINDOW_BYTES: u64 = 16 << 20;
const DEAD_LETTER_TOPIC: &str = "{topic}.{group_id}.dead";
const MAX_CRASHES: u32 = 3;

/// What the configuration says about listeners, each table read once.
#[derive(Debug)]
pub(super) struct Scopes {
    listeners: BTreeMap<String, ListenerSettings>,
    /// With the names that the table unsets.
    consumers: BTreeMap<String, (ListenerSettings, Vec<&'static str>)>,
    defaults: ListenerSettings,
    pub(super) general: GroupSettings,
    pub(super) groups: BTreeMap<String, GroupSettings>,
}

impl Scopes {
    pub(super) fn read(kafka: &Reading<'_>, problems: &mut Problems) -> Self {
        let listeners = kafka.below("listeners", Scope::Listener, problems);
        let consumers = kafka.below("consumers", Scope::Consumer, problems);
        let defaults = kafka.below("listener_defaults", Scope::Defaults, problems).without(&names::LISTENER_ONLY);
        Self {
            listeners: listeners
                .names()
                .into_iter()
                .map(|id| {
                    let table = listeners.below(id, Scope::Listener, problems);
                    (id.to_owned(), from_table::listener_settings(&table, problems))
                })
                .collect(),
            consumers: consumers
                .names()
                .into_iter()
                .map(|name| {
                    let table = consumers.below(name, Scope::Consumer, problems).without(&names::LISTENER_ONLY);
                    let unset = names::DEFAULTS.into_iter().filter(|option| table.is_unset(option)).collect();
                    (name.to_owned(), (from_table::listener_settings(&table, problems), unset))
                })
                .collect(),
            defaults: from_table::listener_settings(&defaults, problems),
            general: GroupSettings::general(kafka, problems),
            groups: GroupSettings::named(kafka, problems),
        }
    }

    /// `[kafka.consumers.TYPE]` over `#[consumer(..)]`: one scope with two layers.
    fn consumer(&self, declared: &DeclaredListener, location: Location, problems: &mut Problems) -> ListenerSettings {
        let speaker = Speaker { scope: Scope::Consumer, name: format!("consumer {}", declared.consumer), location };
        let mut in_code = from_code::listener_settings(&declared.consumer_options, &speaker, problems);
        match self.consumers.get(&*declared.consumer) {
            Some((in_table, unset)) => {
                for option in unset {
                    in_code.forget(option);
                }
                in_table.clone().or(in_code)
            }
            None => in_code,
        }
    }
}

/// A listener of which nothing is left open.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) id: Arc<str>,
    pub(super) location: Location,
    pub(super) subject: Said<Subject>,
    pub(super) group_id: Said<Arc<str>>,
    pub(super) cluster: Said<Arc<str>>,
    pub(super) enabled: Said<bool>,
    pub(super) start: Said<Start>,
    pub(super) auto_commit: Said<bool>,
    pub(super) commit_interval: Said<Duration>,
    pub(super) on_failure: Said<OnFailure>,
    pub(super) accept_loss: Said<bool>,
    pub(super) on_lost_position: Said<OnLostPosition>,
    /// Everything else, and the places of all.
    pub(super) settings: ListenerSettings,
}

impl Decided {
    /// Decides; `location` is where the first listener of the same consumer stands, which is as near to
    /// `#[consumer]` as is known.
    pub(super) fn new(
        declared: &DeclaredListener,
        location: Location,
        scopes: &Scopes,
        problems: &mut Problems,
    ) -> Option<Self> {
        let id = declared.id();
        let speaker = Speaker { scope: Scope::Attribute, name: format!("listener {id}"), location: declared.location };
        let attribute = from_code::listener_settings(&declared.options, &speaker, problems);
        let own = scopes.listeners.get(&*id).cloned().unwrap_or_default().or(attribute);
        let consumer = scopes.consumer(declared, location, problems);
        let defaults = scopes.defaults.clone().or(scopes.general.listeners.clone());
        let specific = own.or(consumer);
        let group_id = specific.group_id.clone().or_else(|| defaults.group_id.clone());
        let group = group_id.as_ref().and_then(|group_id| scopes.groups.get(&*group_id.value));
        let of_group = group.map(|group| group.listeners.clone()).unwrap_or_default();
        let settings = specific.or(of_group).or(defaults).or(built_in());
        let here = || format!("listener {id}");
        if settings.subject.is_none() && !is_refused(&["topics", "pattern"], problems) {
            problems.push(
                Problem::new("has neither a topic nor a pattern")
                    .with_key(here())
                    .with_place(super::said::in_source(declared.location))
                    .with_suggestion("name a topic, as in `#[kafka_listener(\"orders\")]`"),
            );
        }
        if settings.group_id.is_none() && is_enabled(&settings) && !is_refused(&["group_id"], problems) {
            problems.push(
                Problem::new("has no group")
                    .with_key(here())
                    .with_place(super::said::in_source(declared.location))
                    .with_suggestion("set `[kafka] group_id`, or `group_id` on the consumer or the listener"),
            );
        }
        // A place that has no value says that a problem was found, which ends the start anyway.
        Some(Self {
            location: declared.location,
            subject: settings.subject.clone()?,
            group_id: settings.group_id.clone()?,
            cluster: settings.cluster.clone()?,
            enabled: settings.enabled.clone()?,
            start: settings.start.clone()?,
            auto_commit: settings.auto_commit.clone()?,
            commit_interval: settings.commit_interval.clone()?,
            on_failure: settings.on_failure.clone()?,
            accept_loss: settings.accept_loss.clone()?,
            on_lost_position: settings.on_lost_position.clone()?,
            id: id.into(),
            settings,
        })
    }

    /// Whether its method is a plain function.
    pub(super) fn is_blocking(&self) -> bool {
        self.settings.blocking.as_ref().is_some_and(|blocking| blocking.value)
    }

    /// Whether what its method returns is sent.
    pub(super) fn answers(&self) -> bool {
        self.settings.reply.as_ref().is_some_and(|reply| reply.value)
    }

    /// Everything that is said and holds: the option's name and the place.
    pub(super) fn sites(&self) -> Vec<(&'static str, &Site)> {
        let mut sites = self.settings.sites();
        if self.is_blocking() {
            sites.retain(|(option, _)| *option != "timeout");
        }
        if self.settings.batch.is_some() {
            sites.retain(|(option, _)| *option != "rate");
        }
        if !self.answers() {
            sites.retain(|(option, _)| *option != "wire");
        }
        sites
    }

    /// Whether a topic is one of its own.
    pub(super) fn reads(&self, topic: &str) -> bool {
        match &self.subject.value {
            Subject::Topics(topics) => topics.iter().any(|own| **own == *topic),
            Subject::Pattern(pattern) => rules::whole_name(pattern).is_ok_and(|pattern| pattern.is_match(topic)),
        }
    }

    /// Its plan, without its method.
    pub(super) fn plan(&self) -> ListenerPlan {
        let (topics, pattern) = match &self.subject.value {
            Subject::Topics(topics) => (topics.clone(), None),
            Subject::Pattern(pattern) => (Vec::new(), Some(Arc::clone(pattern))),
        };
        let settings = &self.settings;
        let initial = settings.backoff_initial.as_ref().map_or(BACKOFF, |said| said.value);
        let max = settings.backoff_max.as_ref().map_or(LONGEST_BACKOFF, |said| said.value);
        let dead_letter = settings.dead_letter_topic.as_ref();
        let window = settings.window.as_ref().map_or(WINDOW, |said| said.value);
        let batch = settings.batch.as_ref().map(|said| said.value.clone());
        ListenerPlan {
            id: Arc::clone(&self.id),
            location: self.location,
            topics,
            pattern,
            start: self.start.value,
            auto_commit: self.auto_commit.value,
            order_by: settings.order_by.as_ref().map_or(OrderBy::Partition, |said| said.value),
            concurrency: settings.concurrency.as_ref().map(|said| said.value),
            blocking: self.is_blocking(),
            // It is about single messages.
            rate: settings.rate.as_ref().filter(|_| settings.batch.is_none()).map(|said| said.value),
            layers: Vec::new(),
            answer: self.answers().then(|| AnswerPlan {
                wire: settings.wire.as_ref().and_then(|said| said.value),
                send_to: settings.send_to.as_ref().map(|said| Arc::clone(&said.value)),
            }),
            idempotent: settings.idempotent.as_ref().map(|said| said.value.clone()),
            // A plain function cannot be stopped.
            timeout: settings.timeout.as_ref().filter(|_| !self.is_blocking()).map(|said| said.value),
            failure: FailurePlan {
                retries: settings.retries.as_ref().map_or(Retries::Count(RETRIES), |said| said.value),
                backoff: Backoff {
                    initial,
                    // A first wait that is longer than a more general limit asks for a longer one.
                    max: max.max(initial),
                    factor: settings.backoff_factor.as_ref().map_or(BACKOFF_FACTOR, |said| said.value),
                    jitter: settings.backoff_jitter.as_ref().map_or(BACKOFF_JITTER, |said| said.value),
                },
                deadline: settings.deadline.as_ref().map(|said| said.value),
                classification: Classification {
                    retry_on: settings.retry_on.as_ref().map(|said| said.value.test),
                    terminal: settings.terminal.as_ref().map(|said| said.value.test),
                },
                retry_topics: settings.retry_topics.as_ref().map(|said| said.value.clone()).unwrap_or_default(),
                on_failure: self.on_failure.value,
                dead_letter: DeadLetterPlan {
                    topic: dead_letter.map_or_else(|| DEAD_LETTER_TOPIC.into(), |said| Arc::clone(&said.value)),
                    spring_headers: settings.dead_letter_spring_headers.as_ref().is_some_and(|said| said.value),
                },
                max_crashes: settings.max_crashes.as_ref().map_or(MAX_CRASHES, |said| said.value),
            },
            on_lost_position: self.on_lost_position.value,
            // A batch that is larger than a more general window asks for a larger one.
            window: window.max(batch.as_ref().map_or(0, |batch| batch.max)),
            batch,
            window_bytes: settings.window_bytes.as_ref().map_or(WINDOW_BYTES, |said| said.value),
            skip_offsets: settings.skip_offsets.as_ref().map(|said| said.value.clone()).unwrap_or_default(),
            handler: None,
        }
    }
}

/// Whether such a value was there, and refused: then its lack is no news.
fn is_refused(options: &[&str], problems: &Problems) -> bool {
    let keys = problems.iter().filter_map(Problem::key);
    keys.into_iter().any(|key| options.iter().any(|option| key.ends_with(option)))
}

fn is_enabled(settings: &ListenerSettings) -> bool {
    settings.enabled.as_ref().is_none_or(|enabled| enabled.value)
}

/// What holds where nobody says anything.
fn built_in() -> ListenerSettings {
    ListenerSettings {
        cluster: Some(Said::built_in("cluster", cluster::DEFAULT.into(), "\"default\"")),
        enabled: Some(Said::built_in("enabled", true, "true")),
        start: Some(Said::built_in("start", Start::Latest, "\"latest\"")),
        auto_commit: Some(Said::built_in("auto_commit", true, "true")),
        commit_interval: Some(Said::built_in("commit_interval", COMMIT_INTERVAL, "\"1s\"")),
        order_by: Some(Said::built_in("order_by", OrderBy::Partition, "\"partition\"")),
        retries: Some(Said::built_in("retries", Retries::Count(RETRIES), "5")),
        backoff_initial: Some(Said::built_in("backoff.initial", BACKOFF, "\"200ms\"")),
        backoff_max: Some(Said::built_in("backoff.max", LONGEST_BACKOFF, "\"30s\"")),
        backoff_factor: Some(Said::built_in("backoff.factor", BACKOFF_FACTOR, "2.0")),
        backoff_jitter: Some(Said::built_in("backoff.jitter", BACKOFF_JITTER, "0.2")),
        on_failure: Some(Said::built_in("on_failure", OnFailure::Pause, "\"pause\"")),
        dead_letter_topic: Some(Said::built_in(
            "dead_letter.topic",
            DEAD_LETTER_TOPIC.into(),
            "\"{topic}.{group_id}.dead\"",
        )),
        dead_letter_spring_headers: Some(Said::built_in("dead_letter.spring_headers", false, "false")),
        max_crashes: Some(Said::built_in("max_crashes", MAX_CRASHES, "3")),
        accept_loss: Some(Said::built_in("accept_loss", false, "false")),
        on_lost_position: Some(Said::built_in("on_lost_position", OnLostPosition::Nearest, "\"nearest\"")),
        wire: Some(Said::built_in("wire", None, "\"auto\"")),
        window: Some(Said::built_in("window", WINDOW, "1024")),
        window_bytes: Some(Said::built_in("window_bytes", WINDOW_BYTES, "\"16MiB\"")),
        ..ListenerSettings::default()
    }
}

/// Where the first listener of each consumer stands.
pub(super) fn consumers_places(declared: &[DeclaredListener]) -> BTreeMap<&str, Location> {
    let mut places = BTreeMap::new();
    for listener in declared {
        places.entry(&*listener.consumer).or_insert(listener.location);
    }
    places
}
