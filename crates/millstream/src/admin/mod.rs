//! Administers topics.

mod error;
mod topic;

pub use error::{AdminError, TopicError, TopicErrorKind};
pub use topic::{NewTopic, TopicDescription};

use crate::engine::Embedded;
use crate::producer::{Producer, UnknownCluster};
use millstream_native::{Client, Code, Event, NativeError, TopicMetadata};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// What an answer may take longer than its request.
const GRACE: Duration = Duration::from_secs(5);

/// Creates, describes, grows and deletes topics of one cluster.
///
/// Injected like any component, as a field or an argument; it is the one of the cluster `default`, [`Admins`] has those
/// of the others. Dropping a future midway does not take a request back.
///
/// An embedded broker creates topics and counts their partitions; it has neither replicas nor configuration, and it
/// neither deletes nor grows.
///
/// ```no_run
/// use millstream::{Admin, NewTopic};
///
/// # async fn example(admin: &Admin) -> millstream::Result<()> {
/// admin.create([NewTopic::new("orders").partitions(12)]).await?;
/// let orders = admin.describe(["orders"]).await;
/// println!("{orders:?}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Admin {
    producer: Producer,
    /// Gone with the application.
    embedded: Option<Weak<Embedded>>,
}

impl fmt::Debug for Admin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Admin({})", self.producer.cluster())
    }
}

impl Admin {
    pub(crate) fn new(producer: Producer, embedded: Option<Weak<Embedded>>) -> Self {
        Self { producer, embedded }
    }

    /// The name of its cluster.
    pub fn cluster(&self) -> &str {
        self.producer.cluster()
    }

    /// Whether its broker runs in this process.
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Creates topics. The cluster's brokers come to know of them one after the other: a moment later some may still
    /// say that there is no such topic.
    ///
    /// # Errors
    /// Each topic that was not created; the others were. One that is there already is
    /// [`TopicErrorKind::AlreadyExists`], whatever it looks like.
    pub async fn create(&self, topics: impl IntoIterator<Item = NewTopic>) -> Result<(), AdminError> {
        let topics: Vec<NewTopic> = topics.into_iter().collect();
        if let Some(embedded) = &self.embedded {
            return create_embedded(embedded, &topics);
        }
        let names = topics.iter().map(|topic| topic.name.clone()).collect();
        self.change(names, |client, request| {
            let configs: Vec<Vec<(&str, &str)>> = topics
                .iter()
                .map(|topic| topic.config.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
                .collect();
            let native = topics.iter().zip(&configs).map(|(topic, config)| millstream_native::NewTopic {
                name: &topic.name,
                partitions: topic.partitions,
                replication: topic.replication,
                config,
            });
            client.create_topics(request, &native.collect::<Vec<_>>(), REQUEST)
        })
        .await
    }

    /// Deletes topics with all their messages.
    ///
    /// # Errors
    /// Each topic that was not deleted; the others were.
    pub async fn delete<T: Into<String>>(&self, topics: impl IntoIterator<Item = T>) -> Result<(), AdminError> {
        let topics: Vec<String> = topics.into_iter().map(Into::into).collect();
        self.real("delete topics", topics.iter())?;
        self.change(topics.clone(), |client, request| {
            client.delete_topics(request, &topics.iter().map(String::as_str).collect::<Vec<_>>(), REQUEST)
        })
        .await
    }

    /// Gives topics more partitions, up to so many in all. Equal keys go to other partitions from then on.
    ///
    /// # Errors
    /// Each topic that did not grow; the others did. A topic that has so many partitions already, or more, is
    /// [`TopicErrorKind::Invalid`].
    pub async fn grow<T: Into<String>>(&self, topics: impl IntoIterator<Item = (T, u32)>) -> Result<(), AdminError> {
        let topics: Vec<(String, u32)> = topics.into_iter().map(|(topic, count)| (topic.into(), count)).collect();
        let names: Vec<String> = topics.iter().map(|(topic, _)| topic.clone()).collect();
        self.real("add partitions", names.iter())?;
        self.change(names, |client, request| {
            let topics: Vec<(&str, u32)> = topics.iter().map(|(topic, count)| (topic.as_str(), *count)).collect();
            client.grow_topics(request, &topics, REQUEST)
        })
        .await
    }

    /// What topics look like, in the order asked for. It creates none.
    pub async fn describe<T: Into<String>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> Vec<Result<TopicDescription, TopicError>> {
        let topics: Vec<String> = topics.into_iter().map(Into::into).collect();
        let (existing, mut configs) = match self.existing(&topics).await {
            Ok(found) => found,
            Err(error) => return topics.iter().map(|topic| Err(TopicError::native(topic, &error))).collect(),
        };
        let described = topics.iter().map(|topic| {
            let found = existing.get(topic.as_str()).ok_or_else(|| NativeError {
                code: Code::UNKNOWN_TOPIC_OR_PART,
                reason: "there is no such topic".into(),
                fatal: false,
                retriable: false,
            });
            let described = found.and_then(|found| {
                let config = configs.remove(topic.as_str()).unwrap_or_else(|| Ok(BTreeMap::new()))?;
                description(topic, found, config)
            });
            described.map_err(|error| TopicError::native(topic, &error))
        });
        described.collect()
    }

    /// Those of the topics that exist, and their configuration.
    async fn existing(&self, topics: &[String]) -> Result<(BTreeMap<Arc<str>, TopicMetadata>, Configs), NativeError> {
        let client = self.producer.client("").map_err(|error| NativeError::new(Code::FAIL, error.to_string()))?;
        // All of them: a question for one by name may create it.
        let metadata = tokio::task::spawn_blocking(move || client.metadata(None, REQUEST))
            .await
            .map_err(|_| NativeError::new(Code::DESTROY, "the runtime is ending"))??;
        let mut existing: BTreeMap<_, _> =
            metadata.topics.into_iter().map(|topic| (Arc::clone(&topic.name), topic)).collect();
        existing.retain(|name, _| topics.iter().any(|topic| **topic == **name));
        if existing.is_empty() || self.embedded.is_some() {
            return Ok((existing, Configs::new()));
        }
        let asked = self
            .producer
            .ask(REQUEST + GRACE, |client, request| {
                let names: Vec<&str> = existing.keys().map(|name| &**name).collect();
                client.topic_configs(request, &names, REQUEST)
            })
            .await?;
        let Some(Event::TopicConfigs { result, .. }) = asked else { return Err(unanswered()) };
        let configs = result?.into_iter().map(|answer| {
            let config = answer.result.map(|entries| {
                entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect::<BTreeMap<_, _>>()
            });
            (answer.topic, config)
        });
        Ok((existing, configs.collect()))
    }

    async fn change(
        &self,
        topics: Vec<String>,
        question: impl FnOnce(&Client, u64) -> Result<(), NativeError>,
    ) -> Result<(), AdminError> {
        if topics.is_empty() {
            return Ok(());
        }
        let answers = match self.producer.ask(REQUEST + GRACE, question).await {
            Ok(Some(Event::Topics { result, .. })) => result,
            Ok(_) => Err(unanswered()),
            Err(error) => Err(error),
        };
        let failed = match answers {
            Err(error) => topics.iter().map(|topic| TopicError::native(topic, &error)).collect(),
            Ok(answers) => answers
                .iter()
                .filter_map(|answer| Some(TopicError::native(&answer.topic, answer.error.as_ref()?)))
                .collect(),
        };
        AdminError::unless_none(failed)
    }

    /// An error for each topic on an embedded broker.
    fn real<'t>(&self, what: &str, topics: impl Iterator<Item = &'t String>) -> Result<(), AdminError> {
        if self.embedded.is_none() {
            return Ok(());
        }
        let message = format!("an embedded broker cannot {what}; use a real one");
        let unsupported = |topic: &String| TopicError::new(topic, TopicErrorKind::Unsupported, message.clone());
        AdminError::unless_none(topics.map(unsupported).collect())
    }
}

type Configs = BTreeMap<Arc<str>, Result<BTreeMap<String, String>, NativeError>>;

fn unanswered() -> NativeError {
    NativeError::new(Code::TIMED_OUT, "no broker answered in time")
}

fn create_embedded(embedded: &Weak<Embedded>, topics: &[NewTopic]) -> Result<(), AdminError> {
    let gone = || NativeError::new(Code::DESTROY, "the embedded broker has ended with its application");
    let failed = topics.iter().filter_map(|topic| {
        let created = match embedded.upgrade() {
            Some(embedded) => embedded.create_topic(&topic.name, topic.partitions.unwrap_or(0)),
            None => Err(gone()),
        };
        Some(TopicError::native(&topic.name, &created.err()?))
    });
    AdminError::unless_none(failed.collect())
}

fn description(
    topic: &str,
    found: &TopicMetadata,
    config: BTreeMap<String, String>,
) -> Result<TopicDescription, NativeError> {
    if let Some(code) = found.error {
        return Err(NativeError::new(code, code.to_string()));
    }
    let replication = found.partitions.iter().map(|partition| partition.replicas).min().unwrap_or(0);
    Ok(TopicDescription {
        name: topic.to_owned(),
        partitions: i32::try_from(found.partitions.len()).unwrap_or(i32::MAX),
        replication: i16::try_from(replication).unwrap_or(i16::MAX),
        config,
    })
}

/// The [`Admin`]s of all clusters that the configuration describes; injected like any component.
#[derive(Debug, Clone, Default)]
pub struct Admins {
    admins: BTreeMap<Arc<str>, Admin>,
}

impl Admins {
    pub(crate) fn new(admins: BTreeMap<Arc<str>, Admin>) -> Self {
        Self { admins }
    }

    /// The one of the cluster with this name; `default` is the one that `[kafka]` itself describes.
    ///
    /// # Errors
    /// There is no such cluster; the error names those there are.
    pub fn of(&self, cluster: &str) -> Result<Admin, UnknownCluster> {
        self.admins.get(cluster).cloned().ok_or_else(|| UnknownCluster {
            name: cluster.to_owned(),
            known: self.admins.keys().map(ToString::to_string).collect(),
        })
    }
}
