//! The reply topics of one instance: there, and read from where they end, before the first request is sent.

use super::place::{Place, choose};
use super::reader::Reader;
use crate::admin::{Admin, NewTopic, TopicErrorKind};
use crate::producer::Producer;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use millstream_native::{Code, NativeError};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long it is tried to prepare a topic. Whoever waits for it may give up before.
const PREPARING: Duration = Duration::from_secs(30);
/// How long one question may take; it blocks a thread.
const QUESTION: Duration = Duration::from_secs(5);
/// How long a broker may take to create it.
const CREATING: Duration = Duration::from_secs(2);
/// After how long brokers know a topic that was created.
const KNOWN: Duration = Duration::from_secs(10);
/// How often a topic is looked for again whose replies do not come.
const DOUBTS: Duration = Duration::from_secs(1);
/// The first and the longest wait before a question is asked again.
const WAITS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// See the module.
#[derive(Clone)]
pub(super) struct ReplyTopics {
    known: Arc<RwLock<HashMap<Arc<str>, Topic>>>,
    reader: Arc<Reader>,
    producer: Producer,
    admin: Admin,
    partitions: i32,
}

enum Topic {
    /// All who wait for it share one attempt.
    Preparing(Preparation),
    Ready {
        place: Arc<Place>,
        /// When it was last seen to be there; nothing while somebody looks.
        seen: Option<Instant>,
    },
}

/// The place, or why there is none.
type Prepared = Result<Arc<Place>, Arc<str>>;
pub(super) type Preparation = Shared<BoxFuture<'static, Prepared>>;

/// Why there is no place yet.
struct NotYet {
    reason: String,
    /// Whether it may be there in a moment.
    again: bool,
}

impl ReplyTopics {
    /// Topics that are missing get so many partitions.
    pub(super) fn new(reader: Arc<Reader>, producer: Producer, admin: Admin, partitions: i32) -> Self {
        Self { known: Arc::default(), reader, producer, admin, partitions }
    }

    /// Where replies of this topic are read, if it is prepared.
    pub(super) fn ready(&self, topic: &str) -> Option<Arc<Place>> {
        match self.known.read().unwrap_or_else(PoisonError::into_inner).get(topic) {
            Some(Topic::Ready { place, .. }) => Some(Arc::clone(place)),
            _ => None,
        }
    }

    /// Prepares a topic, which goes on also when nobody waits for it any more.
    pub(super) fn prepare(&self, topic: &Arc<str>) -> Preparation {
        let mut known = self.write();
        match known.get(topic) {
            Some(Topic::Ready { place, .. }) => {
                let place = Arc::clone(place);
                return async { Ok(place) }.boxed().shared();
            }
            // One that has ended and is still here ended badly.
            Some(Topic::Preparing(preparation)) if preparation.peek().is_none() => return preparation.clone(),
            _ => {}
        }
        let (done, prepared) = oneshot::channel();
        let (topics, name) = (self.clone(), Arc::clone(topic));
        self.reader.runtime().spawn(async move {
            let prepared = topics.attempt(&name).await;
            match &prepared {
                Ok(place) => topics.is_ready(name, place),
                Err(_) => drop(topics.write().remove(&name)),
            }
            // Everybody may have given up.
            drop(done.send(prepared));
        });
        let preparation = async { prepared.await.unwrap_or_else(|_| Err("the attempt was given up".into())) };
        let preparation = preparation.boxed().shared();
        known.insert(Arc::clone(topic), Topic::Preparing(preparation.clone()));
        preparation
    }

    /// No reply came: looks, beside what goes on, whether the topic is still there. librdkafka tells nobody of a topic
    /// that was deleted.
    pub(super) fn doubt(&self, topic: &str) {
        let mut known = self.write();
        let Some((name, _)) = known.get_key_value(topic) else { return };
        let name = Arc::clone(name);
        let Some(Topic::Ready { place, seen }) = known.get_mut(topic) else { return };
        let long_ago = seen.is_some_and(|seen| seen.elapsed() >= DOUBTS);
        if !long_ago || self.reader.pending().is_closed() {
            return;
        }
        *seen = None;
        let before = Arc::clone(place);
        drop(known);
        let topics = self.clone();
        self.reader.runtime().spawn(async move {
            let place = topics.attempt(&name).await.unwrap_or_else(|reason| {
                if !topics.reader.pending().is_closed() {
                    tracing::warn!(topic = %name, %reason, "replies cannot be read at the moment");
                }
                before
            });
            topics.is_ready(name, &place);
        });
    }

    fn is_ready(&self, topic: Arc<str>, place: &Arc<Place>) {
        self.write().insert(topic, Topic::Ready { place: Arc::clone(place), seen: Some(Instant::now()) });
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Arc<str>, Topic>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attempt(&self, topic: &Arc<str>) -> Prepared {
        let until = Instant::now() + PREPARING;
        let mut wait = WAITS.0;
        let mut created = None;
        loop {
            match self.step(topic, &mut created).await {
                Ok(place) => return Ok(Arc::new(place)),
                Err(NotYet { reason, again }) => {
                    if !again || self.reader.pending().is_closed() || Instant::now() >= until {
                        return Err(reason.into());
                    }
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(WAITS.1);
        }
    }

    async fn step(&self, topic: &Arc<str>, created: &mut Option<Instant>) -> Result<Place, NotYet> {
        let (reader, name) = (Arc::clone(&self.reader), Arc::clone(topic));
        let found = blocking(move || look(&reader, &name)).await?;
        if let Some(found) = found {
            let (reader, name) = (Arc::clone(&self.reader), Arc::clone(topic));
            return blocking(move || follow(&reader, &name, &found)).await;
        }
        // Somebody may have deleted it since.
        if created.is_none_or(|at| at.elapsed() >= KNOWN) {
            self.create(topic).await?;
            *created = Some(Instant::now());
        }
        Err(NotYet { reason: "it is new, and the brokers do not know it yet; try again".to_owned(), again: true })
    }
}

impl ReplyTopics {
    async fn create(&self, topic: &Arc<str>) -> Result<(), NotYet> {
        let new = NewTopic::new(&**topic).partitions(self.partitions);
        let Ok(created) = tokio::time::timeout(CREATING, self.admin.create([new])).await else {
            // An embedded broker of another process answers no such request. It creates what a producer asks for.
            drop(self.producer.partition_count(topic).await);
            return Ok(());
        };
        let Err(error) = created else {
            tracing::info!(%topic, partitions = self.partitions, "created for replies");
            return Ok(());
        };
        match error.topics().iter().find(|error| error.kind() != TopicErrorKind::AlreadyExists) {
            None => Ok(()),
            Some(error) => {
                let reason = format!(
                    "there is none, and it could not be created: {error}; create it, or name another one with `reply_topic`"
                );
                Err(NotYet { reason, again: error.is_retriable() })
            }
        }
    }
}

/// The partitions of a topic.
struct Found {
    all: Vec<i32>,
    /// Those with a leader.
    led: Vec<i32>,
}

/// Asks for the topic; nothing where it does not exist.
fn look(reader: &Arc<Reader>, topic: &str) -> Result<Option<Found>, NotYet> {
    let client = reader.client().map_err(|reason| NotYet { reason, again: false })?;
    let mut metadata = client.metadata(Some(&[topic]), QUESTION).map_err(|error| not_yet(&error))?;
    let Some(found) = metadata.topics.pop() else { return Ok(None) };
    match found.error {
        Some(Code::UNKNOWN_TOPIC_OR_PART | Code::UNKNOWN_TOPIC) => Ok(None),
        Some(code) => Err(not_yet(&NativeError::new(code, code.to_string()))),
        None => Ok(Some(Found {
            all: found.partitions.iter().map(|partition| partition.id).collect(),
            led: found.partitions.iter().filter(|partition| partition.leader.is_some()).map(|one| one.id).collect(),
        })),
    }
}

/// Reads a partition of the topic from its end on, unless one is read already.
fn follow(reader: &Arc<Reader>, topic: &Arc<str>, found: &Found) -> Result<Place, NotYet> {
    if let Some(partition) = reader.partition_of(topic).filter(|partition| found.all.contains(partition)) {
        return Ok(Place::new(topic, partition));
    }
    let Some(partition) = choose(&found.led, reader.correlation().instance()) else {
        return Err(NotYet { reason: "none of its partitions has a leader at the moment".to_owned(), again: true });
    };
    let client = reader.client().map_err(|reason| NotYet { reason, again: false })?;
    let (_, end) = client.watermarks(topic, partition, QUESTION).map_err(|error| not_yet(&error))?;
    reader.follow(topic, partition, end).map_err(|error| not_yet(&error))?;
    tracing::debug!(%topic, partition, offset = end, "reads replies");
    Ok(Place::new(topic, partition))
}

fn not_yet(error: &NativeError) -> NotYet {
    let fix = match error.code {
        Code::TOPIC_AUTHORIZATION_FAILED => "; the right to read it is missing",
        Code::TRANSPORT | Code::TIMED_OUT | Code::ALL_BROKERS_DOWN => "; see whether the brokers can be reached",
        _ => "",
    };
    NotYet { reason: format!("{error}{fix}"), again: error.retriable }
}

async fn blocking<T: Send + 'static>(
    question: impl FnOnce() -> Result<T, NotYet> + Send + 'static,
) -> Result<T, NotYet> {
    let ended = |_| NotYet { reason: "the runtime is ending".to_owned(), again: false };
    tokio::task::spawn_blocking(question).await.map_err(ended)?
}
