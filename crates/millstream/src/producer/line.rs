//! One native producer, and the thread that serves it.

use super::bell::Bell;
use super::error::SendError;
use super::gathering::{Course, Gathered, Gathering};
use super::message::OutgoingMessage;
use super::questions::Questions;
use super::waiting::{Answer, Settled, Waiting};
use crate::engine::log_native;
use millstream_native::{Client, ClientOptions, Code, CreateError, Event, NativeError, Persisted};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

/// How long the thread sleeps when nothing wakes it.
const IDLE: Duration = Duration::from_secs(1);
/// How short it sleeps at least, so that a full queue of the client does not keep it busy.
const SHORTEST: Duration = Duration::from_millis(1);
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
    /// Where messages wait for those under way; absent from a client that lingers. Locked before `waiting`.
    gathering: Option<Mutex<Gathering>>,
    questions: Mutex<Questions>,
    /// Senders that wait for room stand in a line, so that none overtakes another.
    turn: tokio::sync::Mutex<()>,
    /// Reports came, or the client changed.
    changed: Notify,
    bell: Arc<Bell>,
    complained: Mutex<Option<Instant>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a message is not in the queue.
enum NotQueued {
    /// It may be when there is room, or a client.
    Later(Box<OutgoingMessage>),
    Never(SendError),
}

impl Line {
    /// `prompt`: for requests and replies, see [`Producer::prompt`](super::Producer::prompt).
    pub(super) fn start(
        cluster: &Arc<str>,
        properties: Vec<(String, String)>,
        prompt: bool,
    ) -> Result<Self, SendError> {
        let options = ClientOptions { properties };
        let bell = Arc::new(Bell::default());
        let client = make(&options, &bell).map_err(|error| SendError::configuration(cluster, &error))?;
        let shared = Arc::new(Shared {
            cluster: Arc::clone(cluster),
            options,
            client: Mutex::new(Some(client)),
            waiting: Mutex::new(if prompt { Waiting::forgetting() } else { Waiting::default() }),
            gathering: prompt.then(Mutex::default),
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
    pub(super) async fn enqueue(&self, mut message: OutgoingMessage) -> Result<oneshot::Receiver<Answer>, SendError> {
        let shared = &*self.shared;
        let _turn = shared.turn.lock().await;
        loop {
            let changed = shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match shared.try_enqueue(message) {
                Ok(answer) => return Ok(answer),
                Err(NotQueued::Never(error)) => return Err(error),
                Err(NotQueued::Later(again)) => message = *again,
            }
            changed.await;
        }
    }

    /// Asks something that the client answers with an event carrying the number; `None` when no answer came in time.
    pub(super) async fn ask(
        &self,
        within: Duration,
        question: impl FnOnce(&Client, u64) -> Result<(), NativeError>,
    ) -> Result<Option<Event>, NativeError> {
        let (request, answered) = lock(&self.shared.questions).open();
        let asked = match self.client() {
            Some(client) => question(&client, request),
            None => Err(NativeError::new(Code::DESTROY, "the client is closed or being made anew")),
        };
        let event = match asked {
            Ok(()) => tokio::time::timeout(within, answered).await.ok().and_then(Result::ok),
            Err(error) => {
                lock(&self.shared.questions).close(request);
                return Err(error);
            }
        };
        lock(&self.shared.questions).close(request);
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
    fn try_enqueue(&self, message: OutgoingMessage) -> Result<oneshot::Receiver<Answer>, NotQueued> {
        let client = lock(&self.client).clone();
        // Held until the message is where it belongs: none that comes later overtakes it, and none comes after the end.
        let gathering = self.gathering.as_ref().map(lock);
        let Some(client) = client.filter(|_| !self.bell.stopped()) else {
            let closed = || NotQueued::Never(SendError::closed(&message.topic, Persisted::No));
            return Err(if self.bell.stopped() { closed() } else { NotQueued::Later(Box::new(message)) });
        };
        let gathered = gathering.as_ref().map_or(0, |gathering| gathering.len());
        let mut waiting = lock(&self.waiting);
        let under_way = waiting.len().saturating_sub(gathered);
        let course = gathering.as_ref().map_or(Course::Pass, |gathering| gathering.course(under_way));
        if course == Course::Wait {
            return Err(NotQueued::Later(Box::new(message)));
        }
        let (ticket, answer) = waiting.open(&message.topic, message.size());
        drop(waiting);
        if course == Course::Gather {
            let first = gathering.is_some_and(|mut gathering| gathering.push(ticket, message, Instant::now()));
            if first {
                self.bell.ring(false);
            }
            return Ok(answer);
        }
        let Err(error) = message.give(&client, ticket) else { return Ok(answer) };
        lock(&self.waiting).close(ticket);
        match self.refused(&message, &error, under_way) {
            Some(error) => Err(NotQueued::Never(error)),
            None => Err(NotQueued::Later(Box::new(message))),
        }
    }

    /// What a refusal by the client means for a message: nothing where it may be taken later.
    fn refused(&self, message: &OutgoingMessage, error: &NativeError, under_way: usize) -> Option<SendError> {
        match error.code {
            // With nothing to wait for, it is larger than the whole queue.
            Code::QUEUE_FULL if under_way > 0 => None,
            Code::FATAL | Code::DESTROY => {
                self.bell.ring(false);
                None
            }
            _ => Some(SendError::native(&message.topic, message.size(), error, Persisted::No)),
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
                    self.send_gathered(&client);
                }
                None => self.reconnect(),
            }
            if self.bell.wait(self.idle()) {
                break;
            }
        }
        self.fail_gathered();
        let client = lock(&self.client).take();
        if let Some(client) = client {
            self.give_up(&client);
            // Whoever still holds it, for a question that blocks, ends it by dropping it.
            drop(client.destroy());
        }
        self.fail_rest(Waiting::closed);
    }

    /// How long the thread may sleep.
    fn idle(&self) -> Duration {
        let gathered = self.gathering.as_ref().and_then(|gathering| lock(gathering).wait(Instant::now()));
        gathered.map_or(IDLE, |wait| wait.clamp(SHORTEST, IDLE))
    }

    /// Gives the client the messages that waited long enough for others.
    fn send_gathered(&self, client: &Client) {
        let Some(gathering) = &self.gathering else { return };
        let (mut messages, mut under_way, full) = {
            let mut gathering = lock(gathering);
            let under_way = lock(&self.waiting).len().saturating_sub(gathering.len());
            if gathering.first().is_none() || !gathering.is_due(under_way, Instant::now()) {
                return;
            }
            let full = gathering.course(under_way) == Course::Wait;
            (gathering.take(), under_way, full)
        };
        // Without the lock: senders go on meanwhile.
        while let Some(Gathered { ticket, message, .. }) = messages.front() {
            if let Err(error) = message.give(client, *ticket) {
                let Some(error) = self.refused(message, &error, under_way) else { break };
                let settled = lock(&self.waiting).refuse(*ticket, error);
                self.tell(settled);
            } else {
                under_way += 1;
            }
            messages.pop_front();
        }
        lock(gathering).put_back(messages);
        if full {
            self.changed.notify_waiters();
        }
    }

    /// Answers the senders.
    fn tell(&self, settled: impl IntoIterator<Item = Settled>) {
        for lost in settled.into_iter().filter_map(Settled::tell) {
            lock(&self.waiting).lost(lost);
        }
    }

    /// Takes what the client reports; whether it has failed for good.
    fn take_events(&self, client: &Client) -> bool {
        let mut failed = false;
        while let Some(event) = client.poll() {
            match event {
                Event::Delivered(reports) => {
                    // Told without the lock: whoever is woken may send the next message at once.
                    let settled = lock(&self.waiting).settle(&reports);
                    self.tell(settled);
                    self.changed.notify_waiters();
                }
                Event::Error(error) if error.fatal || error.code == Code::FATAL => failed = true,
                Event::Error(error) => self.complain(&error),
                Event::Log { level, facility, message } => log_native(level, &facility, &message),
                event => lock(&self.questions).answer(event),
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

    /// Replaces a client that can do nothing more. What it never had goes to the next one.
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
            if self.is_nothing_under_way() || Instant::now() >= until {
                return;
            }
            self.bell.wait(Duration::from_millis(20));
        }
    }

    fn is_nothing_under_way(&self) -> bool {
        let gathering = self.gathering.as_ref().map(lock);
        let gathered = gathering.as_ref().map_or(0, |gathering| gathering.len());
        lock(&self.waiting).len() <= gathered
    }

    /// Gives up what no client has seen.
    fn fail_gathered(&self) {
        let Some(mut gathering) = self.gathering.as_ref().map(lock) else { return };
        for Gathered { ticket, message, .. } in gathering.take() {
            let settled = lock(&self.waiting).refuse(ticket, SendError::closed(&message.topic, Persisted::No));
            self.tell(settled);
        }
    }

    /// Gives up what a client has.
    fn fail_rest(&self, error: impl Fn(&str) -> SendError) {
        let gathering = self.gathering.as_ref().map(lock);
        let first_gathered = gathering.as_ref().and_then(|gathering| gathering.first()).map(|first| first.ticket);
        let settled = lock(&self.waiting).fail_before(first_gathered, error);
        drop(gathering);
        self.tell(settled);
        lock(&self.questions).close_all();
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
