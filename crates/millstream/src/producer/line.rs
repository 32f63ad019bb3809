//! One native producer, and the thread that serves it.

use super::error::SendError;
use super::message::OutgoingMessage;
use super::waiting::{Answer, Waiting};
use crate::engine::log_native;
use bytes::Bytes;
use millstream_native::{Client, ClientOptions, Code, CreateError, Event, NativeError, Persisted, Record};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

/// How long the thread sleeps when nothing wakes it.
const IDLE: Duration = Duration::from_secs(1);
/// How often an error that goes on is told.
const COMPLAINTS: Duration = Duration::from_secs(30);
/// How long what was given up may take to be reported.
const GIVING_UP: Duration = Duration::from_secs(2);

/// A native producer with its thread, which ends when this is dropped.
pub(super) struct Line {
    shared: Arc<Shared>,
    /// Dropped by the thread when it has ended.
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

/// What senders and the thread share.
struct Shared {
    cluster: Arc<str>,
    options: ClientOptions,
    /// Absent while it is made anew, and after the end.
    client: Mutex<Option<Client>>,
    waiting: Mutex<Waiting>,
    questions: Mutex<Questions>,
    /// Senders that wait for room stand in a line, so that none overtakes another.
    turn: tokio::sync::Mutex<()>,
    /// Reports came, or the client changed.
    changed: Notify,
    bell: Arc<Bell>,
    complained: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Questions {
    next: u64,
    open: HashMap<u64, oneshot::Sender<Event>>,
}

/// Wakes the thread.
#[derive(Default)]
struct Bell {
    state: Mutex<Rung>,
    rang: Condvar,
}

#[derive(Default)]
struct Rung {
    rung: bool,
    stop: bool,
}

impl Bell {
    fn ring(&self, stop: bool) {
        let mut state = lock(&self.state);
        state.rung = true;
        state.stop |= stop;
        self.rang.notify_all();
    }

    /// Waits for a ring; whether to stop.
    fn wait(&self, time: Duration) -> bool {
        let state = lock(&self.state);
        let waited = self.rang.wait_timeout_while(state, time, |state| !state.rung);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.rung = false;
        state.stop
    }

    fn stopped(&self) -> bool {
        lock(&self.state).stop
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a message is not in the queue.
enum NotQueued {
    /// It may be when there is room, or a client.
    Later,
    Never(SendError),
}

impl Line {
    pub(super) fn start(cluster: &Arc<str>, properties: Vec<(String, String)>) -> Result<Self, SendError> {
        let options = ClientOptions { properties };
        let bell = Arc::new(Bell::default());
        let client = make(&options, &bell).map_err(|error| SendError::configuration(cluster, &error))?;
        let shared = Arc::new(Shared {
            cluster: Arc::clone(cluster),
            options,
            client: Mutex::new(Some(client)),
            waiting: Mutex::default(),
            questions: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            bell,
            complained: Mutex::default(),
        });
        let (ending, ended) = oneshot::channel();
        let serving = Arc::clone(&shared);
        std::thread::Builder::new()
            .name(format!("millstream-producer-{cluster}"))
            .spawn(move || {
                serving.serve();
                drop(ending);
            })
            .map_err(|error| {
                let error = CreateError::Refused(format!("no thread could be started: {error}"));
                SendError::configuration(cluster, &error)
            })?;
        Ok(Self { shared, ended: Mutex::new(Some(ended)) })
    }

    /// Queues a message, waiting for room; the answer comes when the brokers have it.
    pub(super) async fn enqueue(&self, message: &OutgoingMessage) -> Result<oneshot::Receiver<Answer>, SendError> {
        let shared = &*self.shared;
        let headers: Vec<(&str, Option<&[u8]>)> =
            message.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
        let record = Record {
            topic: &message.topic,
            partition: message.partition,
            key: message.key.as_deref(),
            payload: message.payload.as_ref().map(Bytes::as_ref),
            headers: &headers,
            timestamp: message.timestamp,
        };
        let _turn = shared.turn.lock().await;
        loop {
            let changed = shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match shared.try_enqueue(message, &record) {
                Ok(answer) => return Ok(answer),
                Err(NotQueued::Never(error)) => return Err(error),
                Err(NotQueued::Later) => changed.await,
            }
        }
    }

    /// Asks something that the client answers with an event carrying the number; `None` when no answer came in time.
    pub(super) async fn ask(
        &self,
        within: Duration,
        question: impl FnOnce(&Client, u64) -> Result<(), NativeError>,
    ) -> Result<Option<Event>, NativeError> {
        let (answer, answered) = oneshot::channel();
        let request = {
            let mut questions = lock(&self.shared.questions);
            questions.next += 1;
            let request = questions.next;
            questions.open.insert(request, answer);
            request
        };
        let asked = match self.client() {
            Some(client) => question(&client, request),
            None => Err(NativeError::new(Code::DESTROY, "the client is closed or being made anew")),
        };
        let event = match asked {
            Ok(()) => tokio::time::timeout(within, answered).await.ok().and_then(Result::ok),
            Err(error) => {
                lock(&self.shared.questions).open.remove(&request);
                return Err(error);
            }
        };
        lock(&self.shared.questions).open.remove(&request);
        Ok(event)
    }

    /// The client, unless it is being made anew or gone.
    pub(super) fn client(&self) -> Option<Client> {
        lock(&self.shared.client).clone()
    }

    /// Waits until everything that is queued now is answered; what is not, by topic.
    pub(super) async fn flush(&self, within: Duration) -> BTreeMap<Arc<str>, usize> {
        let until = tokio::time::Instant::now() + within;
        let last = lock(&self.shared.waiting).last();
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if lock(&self.shared.waiting).answered(last) {
                return BTreeMap::new();
            }
            if tokio::time::timeout_at(until, changed).await.is_err() {
                return lock(&self.shared.waiting).unanswered(last);
            }
        }
    }

    /// Messages that failed although nobody awaited them, since this was asked last.
    pub(super) fn take_lost(&self) -> BTreeMap<Arc<str>, usize> {
        lock(&self.shared.waiting).take_lost()
    }

    /// Gives up what is queued and waits until the client is gone.
    pub(super) async fn close(&self) {
        self.shared.bell.ring(true);
        let ended = lock(&self.ended).take();
        if let Some(ended) = ended {
            // The sender is dropped, never used.
            drop(ended.await);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.shared.bell.ring(true);
    }
}

impl Shared {
    fn try_enqueue(
        &self,
        message: &OutgoingMessage,
        record: &Record<'_>,
    ) -> Result<oneshot::Receiver<Answer>, NotQueued> {
        let client = lock(&self.client).clone();
        let Some(client) = client else {
            let closed = || NotQueued::Never(SendError::closed(&message.topic, Persisted::No));
            return Err(if self.bell.stopped() { closed() } else { NotQueued::Later });
        };
        let alone = lock(&self.waiting).is_empty();
        let (ticket, answer) = lock(&self.waiting).open(&message.topic, message.size());
        let Err(error) = client.produce(record, ticket) else { return Ok(answer) };
        lock(&self.waiting).close(ticket);
        match error.code {
            // With nothing to wait for, it is larger than the whole queue.
            Code::QUEUE_FULL if !alone => Err(NotQueued::Later),
            Code::FATAL | Code::DESTROY => {
                self.bell.ring(false);
                Err(NotQueued::Later)
            }
            _ => Err(NotQueued::Never(SendError::native(&message.topic, message.size(), &error, Persisted::No))),
        }
    }

    /// The thread.
    fn serve(&self) {
        loop {
            let client = lock(&self.client).clone();
            match client {
                Some(client) => {
                    if self.take_events(&client) || client.fatal_error().is_some() {
                        self.rebuild(client);
                        continue;
                    }
                }
                None => self.reconnect(),
            }
            if self.bell.wait(IDLE) {
                break;
            }
        }
        let client = lock(&self.client).take();
        if let Some(client) = client {
            self.give_up(&client);
            // Whoever still holds it, for a question that blocks, ends it by dropping it.
            drop(client.destroy());
        }
        self.fail_rest(Waiting::closed);
    }

    /// Takes what the client reports; whether it has failed for good.
    fn take_events(&self, client: &Client) -> bool {
        let mut failed = false;
        while let Some(event) = client.poll() {
            match event {
                Event::Delivered(reports) => {
                    let mut waiting = lock(&self.waiting);
                    for report in reports {
                        waiting.settle(&report);
                    }
                    drop(waiting);
                    self.changed.notify_waiters();
                }
                Event::Error(error) if error.fatal || error.code == Code::FATAL => failed = true,
                Event::Error(error) => self.complain(&error),
                Event::Log { level, facility, message } => log_native(level, &facility, &message),
                event => {
                    let asked = event.request().and_then(|request| lock(&self.questions).open.remove(&request));
                    if let Some(answer) = asked {
                        // Who asked may have given up.
                        drop(answer.send(event));
                    }
                }
            }
        }
        failed
    }

    /// Brokers that are away are reported again and again: said at once, then now and then.
    fn complain(&self, error: &NativeError) {
        let mut complained = lock(&self.complained);
        if complained.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
            *complained = Some(Instant::now());
            tracing::warn!(cluster = %self.cluster, %error, "the producer reports an error, it goes on trying");
        }
    }

    /// Replaces a client that can do nothing more.
    fn rebuild(&self, client: Client) {
        let reason = client.fatal_error().map_or_else(|| "a fatal error".to_owned(), |(_, reason)| reason);
        tracing::error!(cluster = %self.cluster, reason, "the producer failed for good and is made anew");
        drop(lock(&self.client).take());
        // Before they are given up: it is the client that has ended, and sending again helps.
        self.fail_rest(|topic| SendError::fatal(topic, &reason));
        self.give_up(&client);
        drop(client);
        self.fail_rest(|topic| SendError::fatal(topic, &reason));
        self.reconnect();
    }

    /// Gives up what the client has and takes the reports about it.
    fn give_up(&self, client: &Client) {
        let until = Instant::now() + GIVING_UP;
        client.purge();
        loop {
            self.take_events(client);
            if lock(&self.waiting).is_empty() || Instant::now() >= until {
                return;
            }
            self.bell.wait(Duration::from_millis(20));
        }
    }

    fn fail_rest(&self, error: impl Fn(&str) -> SendError) {
        lock(&self.waiting).fail_all(error);
        lock(&self.questions).open.clear();
        self.changed.notify_waiters();
    }

    fn reconnect(&self) {
        match make(&self.options, &self.bell) {
            Ok(client) => {
                *lock(&self.client) = Some(client);
                self.changed.notify_waiters();
            }
            Err(error) => {
                tracing::error!(cluster = %self.cluster, %error, "the producer cannot be made, trying again");
            }
        }
    }
}

fn make(options: &ClientOptions, bell: &Arc<Bell>) -> Result<Client, CreateError> {
    let bell = Arc::clone(bell);
    Client::producer(options, Arc::new(move || bell.ring(false)))
}
