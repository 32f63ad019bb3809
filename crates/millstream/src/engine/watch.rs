//! Watches the topics of one cluster: which exist, with how many partitions.

use super::control::Command;
use super::inbox::Inbox;
use millstream_native::{Client, ClientOptions, Code, Event, Metadata, NativeError};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The topics of a cluster and their partition counts.
pub(crate) type TopicsSeen = Arc<BTreeMap<Arc<str>, i32>>;

/// How long one question may take.
const QUESTION: Duration = Duration::from_secs(5);
/// How long to wait after a question failed.
const RETRY: Duration = Duration::from_millis(500);

/// What is watched.
pub(crate) struct Watch {
    pub(crate) cluster: Arc<str>,
    pub(crate) properties: Vec<(String, String)>,
    /// The topics that listeners name; asked again every second until all exist.
    pub(crate) named: Vec<Arc<str>>,
    /// Whether there are patterns; then it is asked again every few seconds.
    pub(crate) patterns: bool,
}

/// Ends the watching when dropped.
pub(crate) struct Watcher {
    stop: Arc<Stop>,
}

#[derive(Default)]
struct Stop {
    stopped: AtomicBool,
    mutex: Mutex<()>,
    changed: Condvar,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _lock = self.stop.mutex.lock().unwrap_or_else(PoisonError::into_inner);
        self.stop.stopped.store(true, Ordering::Release);
        self.stop.changed.notify_all();
    }
}

impl Stop {
    fn is_set(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Waits; whether to go on.
    fn wait(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut lock = self.mutex.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.is_set() {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return true;
            };
            lock = self.changed.wait_timeout(lock, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }
}

impl Watch {
    /// Starts watching, on a thread of its own as the client's questions block.
    pub(crate) fn start(self, inbox: Arc<Inbox>) -> std::io::Result<Watcher> {
        let stop = Arc::new(Stop::default());
        let watcher = Watcher { stop: Arc::clone(&stop) };
        std::thread::Builder::new()
            .name(format!("millstream-topics-{}", self.cluster))
            .spawn(move || self.run(&inbox, &stop))?;
        Ok(watcher)
    }

    fn run(&self, inbox: &Inbox, stop: &Stop) {
        let options = ClientOptions { properties: self.properties.clone() };
        let client = match Client::producer(&options, Arc::new(|| {})) {
            Ok(client) => client,
            Err(error) => {
                let reason = error.to_string();
                inbox.send(Command::Unreachable { cluster: Arc::clone(&self.cluster), reason, refused: true });
                return;
            }
        };
        let mut told: Option<TopicsSeen> = None;
        while !stop.is_set() {
            let wait = match Self::ask(&client, stop) {
                Ok(seen) => {
                    let wait = self.until_next(&seen);
                    if told.as_ref() != Some(&seen) {
                        told = Some(Arc::clone(&seen));
                        inbox.send(Command::Topics { cluster: Arc::clone(&self.cluster), seen });
                    }
                    match wait {
                        Some(wait) => wait,
                        None => return,
                    }
                }
                Err(error) => {
                    let refused = is_refusal(error.code);
                    let reason = error.to_string();
                    inbox.send(Command::Unreachable { cluster: Arc::clone(&self.cluster), reason, refused });
                    RETRY
                }
            };
            if !stop.wait(wait) {
                return;
            }
        }
    }

    /// Asks for all topics: a question for one by name may create it.
    fn ask(client: &Client, stop: &Stop) -> Result<TopicsSeen, NativeError> {
        let until = Instant::now() + QUESTION;
        let mut trouble = None;
        loop {
            // In short pieces, so that an end is not held up and a refusal is seen at once.
            let answer = client.metadata(None, QUESTION.min(RETRY));
            while let Some(event) = client.poll() {
                if let Event::Error(error) = event {
                    if is_refusal(error.code) {
                        return Err(error);
                    }
                    // It names the broker and the cause; that all are down says less.
                    if error.code != Code::ALL_BROKERS_DOWN || trouble.is_none() {
                        trouble = Some(error);
                    }
                }
            }
            match answer {
                Ok(metadata) => return Ok(seen(&metadata)),
                Err(error) if trouble.is_some() || stop.is_set() || Instant::now() >= until => {
                    return Err(trouble.unwrap_or(error));
                }
                Err(_) => {}
            }
        }
    }

    fn until_next(&self, seen: &TopicsSeen) -> Option<Duration> {
        if self.named.iter().any(|topic| !seen.contains_key(topic)) {
            Some(Duration::from_secs(1))
        } else if self.patterns {
            Some(Duration::from_secs(3))
        } else {
            None
        }
    }
}

fn seen(metadata: &Metadata) -> TopicsSeen {
    let existing = metadata.topics.iter().filter(|topic| topic.error.is_none() && !topic.partitions.is_empty());
    let counted = existing.map(|topic| {
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        (Arc::from(&*topic.name), count)
    });
    Arc::new(counted.collect())
}

/// What trying again does not mend until somebody changes something.
pub(crate) fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::AUTHENTICATION
            | Code::SASL_AUTHENTICATION_FAILED
            | Code::UNSUPPORTED_SASL_MECHANISM
            | Code::SSL
            | Code::CLUSTER_AUTHORIZATION_FAILED
            | Code::GROUP_AUTHORIZATION_FAILED
            | Code::TOPIC_AUTHORIZATION_FAILED
    )
}
