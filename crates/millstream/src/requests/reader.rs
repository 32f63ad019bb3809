//! Reads replies: one client that belongs to no group, one partition of each reply topic, and a task that is woken when
//! something is there.

use super::correlation::Correlation;
use super::pending::{Pending, Wants};
use super::reply::Reply;
use crate::context::Headers;
use crate::engine::log_native;
use crate::wire::Marks;
use bytes::Bytes;
use millstream_native::{Batch, Client, ClientOptions, Code, Event, Message, NativeError, PartitionQueue, StartAt};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// At most this many replies are taken at once.
const BATCH: usize = 256;
/// After this many batches others get their turn.
const TURN: usize = 8;
/// How often an error that goes on is told.
const COMPLAINTS: Duration = Duration::from_secs(30);
/// Why nothing is made any more.
const ENDING: &str = "the application is shutting down";
/// How long to wait before a client that cannot be made is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Reader {
    cluster: Arc<str>,
    options: ClientOptions,
    correlation: Correlation,
    pending: Arc<Pending>,
    runtime: Handle,
    bell: Arc<Bell>,
    client: Mutex<Option<Client>>,
    /// Held while partitions are assigned and while the client is made, which blocks for a moment each.
    changing: Mutex<()>,
    feeds: RwLock<Arc<[Arc<Feed>]>>,
    task: Mutex<Option<JoinHandle<()>>>,
    complained: Mutex<Option<Instant>>,
}

/// Wakes the task.
#[derive(Default)]
struct Bell {
    rang: Notify,
    /// The client has something to tell.
    events: AtomicBool,
}

/// One partition that is read.
struct Feed {
    topic: Arc<str>,
    partition: i32,
    queue: PartitionQueue,
    /// There may be something in the queue.
    filled: Arc<AtomicBool>,
    /// Where it goes on.
    next: AtomicI64,
}

impl Reader {
    pub(super) fn new(cluster: Arc<str>, properties: Vec<(String, String)>, runtime: Handle) -> Arc<Self> {
        Arc::new(Self {
            cluster,
            options: ClientOptions { properties },
            correlation: Correlation::random(),
            pending: Pending::new(),
            runtime,
            bell: Arc::default(),
            client: Mutex::default(),
            changing: Mutex::default(),
            feeds: RwLock::new(Arc::new([])),
            task: Mutex::default(),
            complained: Mutex::default(),
        })
    }

    pub(super) fn pending(&self) -> &Arc<Pending> {
        &self.pending
    }

    pub(super) fn correlation(&self) -> Correlation {
        self.correlation
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The client, made with the first call, which also starts the task. Blocks for a moment.
    pub(super) fn client(self: &Arc<Self>) -> Result<Client, String> {
        let _changing = lock(&self.changing);
        if let Some(client) = &*lock(&self.client) {
            return Ok(client.clone());
        }
        if self.pending.is_closed() {
            return Err(ENDING.to_owned());
        }
        let made = self.make().map_err(|error| format!("{error}; see `[kafka.properties]`"))?;
        *lock(&self.client) = Some(made.clone());
        lock(&self.task).get_or_insert_with(|| self.runtime.spawn(read(Arc::clone(self))));
        Ok(made)
    }

    fn make(&self) -> Result<Client, millstream_native::CreateError> {
        let bell = Arc::clone(&self.bell);
        Client::consumer(
            &self.options,
            Arc::new(move || {
                bell.events.store(true, Ordering::Release);
                bell.rang.notify_one();
            }),
        )
    }

    /// Which partition of this topic is read.
    pub(super) fn partition_of(&self, topic: &str) -> Option<i32> {
        self.feeds().iter().find(|feed| *feed.topic == *topic).map(|feed| feed.partition)
    }

    /// Reads this partition from `offset` on, unless it is read already; another one of this topic is read no more.
    /// Blocks for a moment.
    pub(super) fn follow(&self, topic: &Arc<str>, partition: i32, offset: i64) -> Result<(), NativeError> {
        let _changing = lock(&self.changing);
        if self.pending.is_closed() {
            return Err(NativeError::new(Code::DESTROY, ENDING));
        }
        if self.partition_of(topic) == Some(partition) {
            return Ok(());
        }
        let gone = || NativeError::new(Code::IN_PROGRESS, "the client that reads replies is being made anew");
        let client = lock(&self.client).clone().ok_or_else(gone)?;
        if let Some(other) = self.partition_of(topic) {
            client.incremental_unassign(&[millstream_native::TopicPartition::new(Arc::clone(topic), other)])?;
            self.replace_feeds(|feed| *feed.topic != **topic, None);
        }
        let feed = self.open(&client, topic, partition, offset)?;
        client.incremental_assign(&[StartAt { topic, partition, offset }])?;
        self.replace_feeds(|_| true, Some(feed));
        self.bell.rang.notify_one();
        Ok(())
    }

    /// The partition's queue, split off before anything is in it.
    fn open(&self, client: &Client, topic: &Arc<str>, partition: i32, offset: i64) -> Result<Arc<Feed>, NativeError> {
        // The first messages may have come before the task knows of the queue.
        let filled = Arc::new(AtomicBool::new(true));
        let (bell, flag) = (Arc::clone(&self.bell), Arc::clone(&filled));
        let wake: millstream_native::Waker = Arc::new(move || {
            flag.store(true, Ordering::Release);
            bell.rang.notify_one();
        });
        let queue = client.partition_queue(topic, partition, wake)?;
        Ok(Arc::new(Feed { topic: Arc::clone(topic), partition, queue, filled, next: AtomicI64::new(offset) }))
    }

    /// Ends what waits, the task and the client. Once it has returned the client is gone.
    pub(super) async fn close(self: &Arc<Self>) {
        self.stop();
        let reader = Arc::clone(self);
        // Whoever is assigning something now ends it first; nobody begins any more.
        let client = tokio::task::spawn_blocking(move || {
            let _changing = lock(&reader.changing);
            reader.replace_feeds(|_| false, None);
            lock(&reader.client).take()
        });
        let client = client.await.ok().flatten();
        let task = lock(&self.task).take();
        if let Some(task) = task {
            // It ends by itself; where its runtime has ended it has ended too.
            drop(task.await);
        }
        if let Some(client) = client {
            // Who still asks it something ends it by dropping it.
            drop(tokio::task::spawn_blocking(move || drop(client.destroy())).await);
        }
    }

    /// Ends what waits, and tells the task to end.
    pub(super) fn stop(&self) {
        self.pending.close();
        self.bell.rang.notify_one();
    }

    fn feeds(&self) -> Arc<[Arc<Feed>]> {
        Arc::clone(&self.feeds.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace_feeds(&self, keep: impl Fn(&Feed) -> bool, new: Option<Arc<Feed>>) {
        let mut feeds = self.feeds.write().unwrap_or_else(PoisonError::into_inner);
        *feeds = feeds.iter().filter(|feed| keep(feed)).cloned().chain(new).collect();
    }

    /// Takes what the client reports; whether it has failed for good.
    fn take_events(&self) -> bool {
        if !self.bell.events.swap(false, Ordering::AcqRel) {
            return false;
        }
        let mut failed = false;
        let Some(client) = lock(&self.client).clone() else { return false };
        while let Some(event) = client.poll() {
            match event {
                Event::Error(error) if error.fatal || error.code == Code::FATAL => failed = true,
                // The group is never joined: that it may not be is nobody's concern.
                Event::Error(error) if error.code == Code::GROUP_AUTHORIZATION_FAILED => {}
                Event::Error(error) => self.complain(&error.to_string()),
                Event::Log { level, facility, message } => log_native(level, &facility, &message),
                _ => {}
            }
        }
        failed || client.fatal_error().is_some()
    }

    /// Takes what lies in a partition's queue; whether there may be more.
    fn take(&self, feed: &Feed, batch: &mut Batch) -> bool {
        feed.filled.store(false, Ordering::Release);
        for _ in 0..TURN {
            if feed.queue.take(batch, BATCH) == 0 {
                return false;
            }
            for (_, message) in batch.iter() {
                self.sort(feed, message);
            }
            batch.clear();
        }
        feed.filled.store(true, Ordering::Release);
        true
    }

    /// Hands a message to whoever waits for it.
    fn sort(&self, feed: &Feed, message: &Message) {
        if let Some(error) = message.error() {
            // librdkafka goes on by itself. What it cannot read is lost to whoever waits for it: that request times out.
            return self.complain(&format!("topic {}: {error}", feed.topic));
        }
        feed.next.store(message.offset().saturating_add(1), Ordering::Release);
        let marks = Marks::read(Headers::native(Some(message)));
        match marks.correlation_id.and_then(|id| self.correlation.read(id)) {
            Some(number) => self.pending.deliver(number, marks.last, |wants| copy(message, &marks, wants)),
            None => self.pending.foreign(),
        }
    }

    /// What goes on is said at once, then now and then.
    fn complain(&self, reason: &str) {
        let mut complained = lock(&self.complained);
        if complained.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
            *complained = Some(Instant::now());
            tracing::warn!(cluster = %self.cluster, reason, "replies cannot be read at the moment, trying on");
        }
    }

    /// Replaces a client that can do nothing more, and goes on where it was. Blocks for a moment.
    pub(super) fn rebuild(&self) -> Result<(), String> {
        let _changing = lock(&self.changing);
        if self.pending.is_closed() {
            return Err(ENDING.to_owned());
        }
        drop(lock(&self.client).take());
        let made = self.make().map_err(|error| error.to_string())?;
        let mut feeds = Vec::new();
        for feed in self.feeds().iter() {
            let next = feed.next.load(Ordering::Acquire);
            feeds.push(self.open(&made, &feed.topic, feed.partition, next).map_err(|error| error.to_string())?);
        }
        let starts: Vec<StartAt<'_>> = feeds
            .iter()
            .map(|feed| StartAt {
                topic: &feed.topic,
                partition: feed.partition,
                offset: feed.next.load(Ordering::Acquire),
            })
            .collect();
        made.incremental_assign(&starts).map_err(|error| error.to_string())?;
        *self.feeds.write().unwrap_or_else(PoisonError::into_inner) = feeds.into();
        *lock(&self.client) = Some(made);
        self.bell.rang.notify_one();
        Ok(())
    }
}

/// The task: sleeps until something is there.
async fn read(reader: Arc<Reader>) {
    let mut batch = Batch::new();
    while !reader.pending.is_closed() {
        if reader.take_events() {
            begin_again(&reader).await;
            continue;
        }
        let mut more = false;
        for feed in reader.feeds().iter() {
            more |= feed.filled.load(Ordering::Acquire) && reader.take(feed, &mut batch);
        }
        if more {
            tokio::task::yield_now().await;
        } else {
            reader.bell.rang.notified().await;
        }
    }
}

/// Makes the client anew until that succeeds or the application ends. Who waits goes on waiting.
async fn begin_again(reader: &Arc<Reader>) {
    tracing::error!(cluster = %reader.cluster, "the client that reads replies failed for good and is made anew");
    loop {
        let blocking = Arc::clone(reader);
        match tokio::task::spawn_blocking(move || blocking.rebuild()).await {
            Ok(Ok(())) => return,
            _ if reader.pending.is_closed() => return,
            Ok(Err(reason)) => reader.complain(&reason),
            Err(error) => reader.complain(&error.to_string()),
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = reader.pending.closed() => return,
        }
    }
}

/// As much of a reply as is wanted.
fn copy(message: &Message, marks: &Marks<'_>, wants: Wants) -> Reply {
    let mut reply = Reply {
        payload: message.payload().map(Bytes::copy_from_slice),
        error: marks.error.map(Bytes::copy_from_slice),
        last: marks.last,
        empty: marks.empty,
        ..Reply::default()
    };
    if wants == Wants::Whole {
        reply.key = message.key().map(Bytes::copy_from_slice);
        reply.headers = message
            .headers()
            .raw()
            .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value.map(Bytes::copy_from_slice)))
            .collect();
    }
    reply
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
