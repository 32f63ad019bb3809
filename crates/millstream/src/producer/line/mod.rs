//! One native producer, and the thread that serves it.

mod serving;

use super::bell::Bell;
use super::error::SendError;
use super::gathering::{Course, Gathering};
use super::message::OutgoingMessage;
use super::questions::Questions;
use super::waiting::{Answer, Waiting};
use millstream_native::{Client, ClientOptions, Code, CreateError, Event, NativeError, Persisted};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

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
    /// Where messages wait for those under way. Locked before `waiting`, and while a message goes to the client.
    gathering: Mutex<Gathering>,
    /// Whether it sends requests and replies alone.
    prompt: bool,
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
            waiting: Mutex::default(),
            gathering: Mutex::new(if prompt { Gathering::default() } else { Gathering::lingering() }),
            prompt,
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
        // Held until the message is where it belongs: none that comes later overtakes it, none comes after the end, and
        // none is given up between its ticket and the client.
        let mut gathering = lock(&self.gathering);
        let Some(client) = client.filter(|_| !self.bell.stopped()) else {
            let closed = || NotQueued::Never(SendError::closed(&message.topic, Persisted::No));
            return Err(if self.bell.stopped() { closed() } else { NotQueued::Later(Box::new(message)) });
        };
        let mut waiting = lock(&self.waiting);
        let under_way = waiting.len().saturating_sub(gathering.len());
        let course = gathering.course(under_way);
        if course == Course::Wait {
            return Err(NotQueued::Later(Box::new(message)));
        }
        let (ticket, answer) = waiting.open(&message.topic, message.size());
        drop(waiting);
        if course == Course::Gather {
            if gathering.push(ticket, message, Instant::now()) {
                self.bell.ring(false);
            }
            return Ok(answer);
        }
        let Err(error) = message.give(&client, ticket) else { return Ok(answer) };
        lock(&self.waiting).close(ticket);
        drop(gathering);
        let Some(error) = self.refused(&message, &error, under_way) else {
            return Err(NotQueued::Later(Box::new(message)));
        };
        // Who flushes may wait for this one.
        self.changed.notify_waiters();
        Err(NotQueued::Never(error))
    }

    /// What a refusal by the client means for a message: nothing where it may be taken later.
    fn refused(&self, message: &OutgoingMessage, error: &NativeError, under_way: usize) -> Option<SendError> {
        if has_failed(error) {
            self.bell.ring(false);
            return None;
        }
        // With nothing to wait for, it is larger than the whole queue.
        let has_no_room = error.code == Code::QUEUE_FULL && under_way > 0;
        (!has_no_room).then(|| SendError::native(&message.topic, message.size(), error, Persisted::No))
    }
}

fn make(options: &ClientOptions, bell: &Arc<Bell>) -> Result<Client, CreateError> {
    let bell = Arc::clone(bell);
    Client::producer(options, Arc::new(move || bell.ring(false)))
}

/// Whether it is the client that has failed, and not the message. The code of a fatal error is its cause.
fn has_failed(error: &NativeError) -> bool {
    error.fatal || matches!(error.code, Code::FATAL | Code::DESTROY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fatal_error_is_the_clients_whatever_its_cause() {
        let error = |code, fatal| NativeError { fatal, ..NativeError::new(code, "words") };
        assert!(has_failed(&error(Code::INVALID_PRODUCER_EPOCH, true)));
        assert!(has_failed(&error(Code::FATAL, false)));
        assert!(!has_failed(&error(Code::INVALID_PRODUCER_EPOCH, false)));
        assert!(!has_failed(&error(Code::QUEUE_FULL, false)));
    }
}
