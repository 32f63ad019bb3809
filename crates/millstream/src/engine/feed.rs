//! One partition's messages: pulled from its native queue by whichever listener needs them first.
//!
//! With one listener a batch goes straight to it. With several, the batches stay in a window until each
//! has passed them; a listener that is held stops the others when the window is full.

use millstream_native::{Batch, Client, Code, Message, NativeError, PartitionQueue, Waker};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// At most this many messages are taken at once.
pub(crate) const BATCH: usize = 256;

/// How long librdkafka may take to accept a seek.
const SEEK: std::time::Duration = std::time::Duration::from_secs(2);

/// The feed of one assigned partition.
pub(crate) struct Feed {
    client: Client,
    queue: PartitionQueue,
    topic: Arc<str>,
    partition: i32,
    readable: Arc<[Notify]>,
    /// How many messages the fastest listener may be ahead of the slowest.
    window: usize,
    /// How many messages and bytes one batch may hold.
    batch_messages: usize,
    batch_bytes: usize,
    state: Mutex<State>,
}

struct State {
    /// Where each listener is; `None` has left.
    cursors: Vec<Option<i64>>,
    /// What not everybody has passed; empty with one listener.
    batches: VecDeque<Arc<Batch>>,
    /// Emptied batches, to be filled again.
    spare: Vec<Arc<Batch>>,
    /// How many messages to take next.
    take: usize,
    /// An error that came in place of a message. What followed it was let go: nothing is taken before a seek.
    broken: Option<NativeError>,
    /// Which listeners were told of it.
    told: Vec<bool>,
    /// The partition was given back: the queue belongs to its next assignment.
    closed: bool,
}

/// What pulling gave.
pub(crate) enum Pulled {
    /// A batch, and the index of the first message to handle.
    Batch(Arc<Batch>, usize),
    /// Nothing yet: wait for [`Feed::readable`].
    Nothing,
    /// The partition cannot be read on from here.
    Trouble(NativeError),
}

impl Feed {
    /// Splits the partition's queue off; to be called before the assignment is answered.
    pub(crate) fn open(
        client: &Client,
        (topic, partition): (&Arc<str>, i32),
        starts: &[i64],
        window: usize,
        (batch_messages, batch_bytes): (usize, usize),
    ) -> Result<Self, NativeError> {
        let readable: Arc<[Notify]> = starts.iter().map(|_| Notify::new()).collect();
        let wake: Waker = {
            let readable = Arc::clone(&readable);
            Arc::new(move || readable.iter().for_each(Notify::notify_one))
        };
        let queue = client.partition_queue(topic, partition, wake)?;
        let state = State {
            cursors: starts.iter().copied().map(Some).collect(),
            batches: VecDeque::new(),
            spare: Vec::new(),
            take: batch_messages.clamp(1, BATCH),
            broken: None,
            told: vec![false; starts.len()],
            closed: false,
        };
        Ok(Self {
            client: client.clone(),
            queue,
            topic: Arc::clone(topic),
            partition,
            readable,
            window,
            batch_messages: batch_messages.clamp(1, BATCH),
            batch_bytes,
            state: Mutex::new(state),
        })
    }

    /// Waits until pulling may give something again; cancel safe, and a wake-up between a pull and this
    /// call is not lost.
    pub(crate) async fn readable(&self, reader: usize) {
        if let Some(notify) = self.readable.get(reader) {
            notify.notified().await;
        }
    }

    /// The next messages from `next` on for this reader.
    pub(crate) fn pull(&self, reader: usize, next: i64) -> Pulled {
        let mut state = self.state();
        if state.closed {
            return Pulled::Nothing;
        }
        if let Some(cursor) = state.cursors.get_mut(reader) {
            *cursor = Some(next);
        }
        let alone = state.cursors.len() == 1;
        if !alone {
            if Self::forget_passed(&mut state) {
                self.notify_others(reader);
            }
            if let Some(found) = find(&state.batches, next) {
                return found;
            }
            if state.batches.iter().map(|batch| batch.len()).sum::<usize>() >= self.window {
                return Pulled::Nothing;
            }
        }
        if let Some(error) = state.broken.clone() {
            return trouble(&mut state, reader, next, error);
        }
        let Some(batch) = self.take(&mut state) else {
            let Some(error) = state.broken.clone() else { return Pulled::Nothing };
            self.notify_others(reader);
            return trouble(&mut state, reader, next, error);
        };
        if alone {
            return Pulled::Batch(batch, 0);
        }
        state.batches.push_back(Arc::clone(&batch));
        self.notify_others(reader);
        find(&state.batches, next).unwrap_or(Pulled::Batch(batch, 0))
    }

    /// Gives a batch back when all of it was handled, so that it can be filled again.
    pub(crate) fn give_back(&self, mut batch: Arc<Batch>) {
        // Freeing the messages is the larger part of their cost: not under the lock.
        if let Some(own) = Arc::get_mut(&mut batch) {
            own.clear();
            let mut state = self.state();
            if state.spare.len() < 2 {
                state.spare.push(batch);
            }
        }
    }

    /// Makes the next pull of this reader begin at `offset`, earlier or later than where it was.
    /// The other readers drop what they have had already. Blocks for the time of a seek, usually well below
    /// a millisecond.
    pub(crate) fn go_to(&self, reader: usize, offset: i64) -> Result<(), NativeError> {
        let mut state = self.state();
        if state.closed {
            return Ok(());
        }
        if let Some(cursor) = state.cursors.get_mut(reader) {
            *cursor = Some(offset);
        }
        let covered =
            state.batches.front().and_then(|batch| batch.get(0)).is_some_and(|first| first.offset() <= offset)
                && state.batches.back().and_then(|batch| last(batch)).is_some_and(|last| last.offset() >= offset);
        let others_need_less = state.cursors.iter().flatten().any(|cursor| *cursor < offset);
        // After an error the first to move goes to the lowest offset that anybody needs; who had it drops it. Where that
        // no longer exists everybody moves by itself, and the last one makes librdkafka move.
        let mends = state.broken.as_ref().is_some_and(|error| !is_lost_position(error.code));
        if covered || (others_need_less && !mends) {
            if Self::forget_passed(&mut state) {
                drop(state);
                self.notify_others(reader);
            }
            return Ok(());
        }
        let target = state.cursors.iter().flatten().copied().min().filter(|_| mends).unwrap_or(offset);
        self.client.seek_wait(&self.topic, self.partition, target, SEEK)?;
        state.batches.clear();
        state.broken = None;
        state.told.fill(false);
        drop(state);
        self.notify_others(reader);
        Ok(())
    }

    /// The first offset that exists and the one after the last, asked from the broker; blocks.
    pub(crate) fn bounds(&self, timeout: std::time::Duration) -> Result<(i64, i64), NativeError> {
        self.client.watermarks(&self.topic, self.partition, timeout)
    }

    /// The partition is given back: nothing is taken from librdkafka any more, as its queue belongs to whoever is assigned
    /// next. When this returns nobody is taking.
    pub(crate) fn close(&self) {
        self.state().closed = true;
    }

    /// This reader has ended: nobody waits for it any more.
    pub(crate) fn leave(&self, reader: usize) {
        let mut state = self.state();
        if let Some(cursor) = state.cursors.get_mut(reader) {
            *cursor = None;
        }
        if Self::forget_passed(&mut state) {
            drop(state);
            self.notify_others(reader);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_others(&self, reader: usize) {
        for (index, notify) in self.readable.iter().enumerate() {
            if index != reader {
                notify.notify_one();
            }
        }
    }

    /// Drops the batches that every reader has passed; whether there were any.
    fn forget_passed(state: &mut State) -> bool {
        let Some(lowest) = state.cursors.iter().flatten().min().copied() else {
            state.batches.clear();
            return true;
        };
        let before = state.batches.len();
        while state.batches.front().and_then(|batch| last(batch)).is_some_and(|last| last.offset() < lowest) {
            state.batches.pop_front();
        }
        state.batches.len() < before
    }

    /// Takes what is there. An error in place of a message ends the batch before it.
    fn take(&self, state: &mut State) -> Option<Arc<Batch>> {
        let mut batch = state.spare.pop().unwrap_or_default();
        let own = Arc::get_mut(&mut batch)?;
        let taken = self.queue.take(own, state.take);
        if taken > 0 {
            if let Some(index) = own.first_error() {
                state.broken = own.get(index).and_then(Message::error);
                state.told.fill(false);
                own.truncate(index);
            }
            state.take = self.next_take(own, state.take);
        }
        if own.is_empty() {
            state.spare.push(batch);
            return None;
        }
        Some(batch)
    }

    /// As many messages as fit the bytes of a batch, judged by the first and the last of this one.
    fn next_take(&self, batch: &Batch, before: usize) -> usize {
        let size = |message: &Message| message.payload().map_or(0, <[u8]>::len);
        match (batch.get(0), last(batch)) {
            (Some(first), Some(last)) => {
                let typical = usize::midpoint(size(first), size(last)).max(1);
                (self.batch_bytes / typical).clamp(1, self.batch_messages)
            }
            _ => before,
        }
    }
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Feed({}/{})", self.topic, self.partition)
    }
}

/// Tells each reader once; the one that is furthest back again, as everybody waits for it to move.
fn trouble(state: &mut State, reader: usize, next: i64, error: NativeError) -> Pulled {
    let last = state.cursors.iter().flatten().all(|cursor| next <= *cursor);
    match state.told.get_mut(reader) {
        Some(told) if !*told || last => {
            *told = true;
            Pulled::Trouble(error)
        }
        _ => Pulled::Nothing,
    }
}

/// Whether the feed can only go on after the position was moved.
pub(crate) fn is_lost_position(code: Code) -> bool {
    matches!(code, Code::AUTO_OFFSET_RESET | Code::OFFSET_OUT_OF_RANGE | Code::LOG_TRUNCATION | Code::NO_OFFSET)
}

fn last(batch: &Batch) -> Option<&Message> {
    batch.get(batch.len().checked_sub(1)?)
}

/// The first message at or after `next` in the window.
fn find(batches: &VecDeque<Arc<Batch>>, next: i64) -> Option<Pulled> {
    let batch = batches.iter().find(|batch| last(batch).is_some_and(|last| last.offset() >= next))?;
    let index = (0..batch.len()).find(|index| batch.get(*index).is_some_and(|message| message.offset() >= next))?;
    Some(Pulled::Batch(Arc::clone(batch), index))
}
