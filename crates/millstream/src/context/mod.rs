//! The context: everything about the message in hand, and the verbs.

mod attributes;
mod commit;
mod deferred;
mod headers;
mod held;

pub use attributes::Attributes;
pub use commit::{Carried, Commit, CommitError, CommitErrorKind, CommitFuture, CommitReceipt};
pub use deferred::Deferred;
pub use headers::{Headers, HeadersIter};
pub use held::Timestamp;

pub(crate) use commit::CommitAnswer;
pub(crate) use held::Held;

use crate::answer::Answer;
use crate::engine::failing::origin::{self, Origin};
use crate::engine::lane::{Lane, Verb};
use crate::listener::Outcome;
use crate::trace;
use millstream_native::TimestampKind;
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Everything about the message in hand, and the verbs: commit it, move back, seek, pause.
///
/// A listener takes it as `&Context`. It lives as long as the handler runs.
pub struct Context {
    held: Held,
    lane: Arc<Lane>,
    epoch: u64,
    attempt: u32,
    verb: Verb,
    deferred: Mutex<Option<oneshot::Receiver<Outcome>>>,
    /// What the method returned and is to be sent.
    answer: Mutex<Option<Box<Answer>>>,
    /// It is one of several messages that are settled in their order, once all were handled.
    in_batch: bool,
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Context")
            .field("listener", &self.lane.listener)
            .field("topic", &self.lane.topic)
            .field("partition", &self.lane.partition)
            .field("offset", &self.offset())
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl Context {
    /// The cluster the message came from: a name of `[kafka.clusters]`, or `default`.
    pub fn cluster(&self) -> &str {
        &self.lane.cluster
    }

    /// The consumer group.
    pub fn group_id(&self) -> &str {
        &self.lane.group_id
    }

    /// The listener's id: `Type.method`.
    pub fn listener(&self) -> &str {
        &self.lane.listener
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.lane.topic
    }

    /// The partition.
    pub fn partition(&self) -> i32 {
        self.lane.partition
    }

    /// The offset.
    #[inline]
    pub fn offset(&self) -> i64 {
        self.held.offset()
    }

    /// The payload; `None` is a tombstone.
    #[inline]
    pub fn payload(&self) -> Option<&[u8]> {
        self.held.payload()
    }

    /// The key, if it has one.
    #[inline]
    pub fn key(&self) -> Option<&[u8]> {
        self.held.key()
    }

    /// The headers, in their order; they are parsed only when this is called.
    pub fn headers(&self) -> Headers<'_> {
        self.held.headers()
    }

    /// The last header of this name, as bytes; an empty slice for a header without a value.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers().get(name)
    }

    /// The timestamp, if the message has one; on a retry topic the one that it had first.
    pub fn timestamp(&self) -> Option<Timestamp> {
        if self.lane.stage.is_some()
            && let Some(milliseconds) = origin::number(self.headers(), origin::ORIGIN_TIMESTAMP)
        {
            return Some(Timestamp { kind: TimestampKind::CreateTime, milliseconds });
        }
        self.held.timestamp()
    }

    /// Where the message came from first, if it waited in a retry topic: [`topic`](Self::topic),
    /// [`partition`](Self::partition) and [`offset`](Self::offset) are those of the retry topic then. `None` on the
    /// topics that the listener names, and for what others wrote to a retry topic.
    pub fn origin(&self) -> Option<Origin> {
        self.lane.stage.as_ref()?;
        Origin::read(self.headers())
    }

    /// Which attempt at this message this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// A value that the application attached with `App::builder().attribute(value)`.
    pub fn attribute<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.lane.attributes.get::<T>()
    }

    /// Cancelled when the handler's result no longer counts: the partition was taken away, or the
    /// application did not want to wait any longer. Long work should stop then.
    pub fn cancellation(&self) -> &CancellationToken {
        &self.lane.cancellation
    }

    /// Settles this message: it is done, and the group's position may pass it.
    ///
    /// It takes effect when called; awaiting the returned value tells the broker's answer. An error or a
    /// panic of the handler afterwards is reported, but the message is not tried again. The last verb
    /// called wins. A request is committed before it is answered then: a crash in between leaves it without an answer.
    ///
    /// Handling offset 41 of a partition, `ctx.commit()` makes the position 42: a restart goes on with 42.
    pub fn commit(&self) -> Commit {
        self.commit_to(self.offset().saturating_add(1))
    }

    /// Makes the listener's position exactly `offset`.
    ///
    /// With the message's offset + 1 this is [`commit`](Self::commit). With the message's own offset or an
    /// earlier one it is a *rewind*: the position moves back, and that message and what follows it are
    /// delivered again, now and after a restart alike. A rewind counts as a failed attempt: `attempt()`
    /// grows, the backoff applies, and after the listener's `retries` its `on_failure` follows. A later
    /// offset is refused with an error, as messages in between have not been handled; nothing moves then. With
    /// `order_by = "key"` or `"none"` only the message in hand can be taken back, as others before it are on
    /// their own way: an earlier offset is refused.
    pub fn commit_offsets(&self, offset: i64) -> Commit {
        let next = self.offset().saturating_add(1);
        if offset == next {
            self.commit_to(next)
        } else if offset > next {
            Commit::failed(CommitError::not_handled(offset, next))
        } else if offset < 0 {
            Commit::failed(CommitError::negative(offset))
        } else if self.lane.is_wide() && offset != self.offset() {
            Commit::failed(CommitError::other_lane(offset, self.offset()))
        } else {
            self.rewind_to(offset)
        }
    }

    /// Moves this listener to another offset of the partition after this handler has ended: the next
    /// message delivered is the first at or after `offset`, and the position becomes `offset`.
    ///
    /// Unlike a rewind it is not a failure, and it may skip messages: nothing between is delivered.
    pub fn seek(&self, offset: i64) {
        self.lane.request_seek(offset);
    }

    /// Pauses the partition for this listener after this handler has ended, until
    /// [`resume`](Self::resume) or the application's handle resumes it.
    pub fn pause(&self) {
        self.lane.request_pause();
    }

    /// Takes a [`pause`](Self::pause) back.
    pub fn resume(&self) {
        self.lane.request_resume();
    }

    fn commit_to(&self, next: i64) -> Commit {
        self.verb.commit();
        self.lane.commit(self.epoch, next)
    }

    fn rewind_to(&self, offset: i64) -> Commit {
        self.verb.rewind(offset);
        self.lane.rewind(self.epoch, offset)
    }
}

/// For the engine.
impl Context {
    pub(crate) fn new(lane: Arc<Lane>) -> Self {
        Self {
            held: Held::Nothing,
            epoch: lane.epoch(),
            lane,
            attempt: 1,
            verb: Verb::default(),
            deferred: Mutex::default(),
            answer: Mutex::default(),
            in_batch: false,
        }
    }

    /// Takes the next message into hand.
    #[inline]
    pub(crate) fn take(&mut self, held: Held, attempt: u32) {
        self.held = held;
        self.attempt = attempt;
        self.clear_verb();
    }

    /// Goes on to another message of the batch in hand; its offset, or `None` behind the last.
    #[inline]
    pub(crate) fn advance(&mut self, index: usize) -> Option<i64> {
        self.held.advance(index)
    }

    /// Before the first message of a run: the first attempt, and no verb called.
    pub(crate) fn begin(&mut self) {
        self.attempt = 1;
        self.clear_verb();
        self.forget_deferred();
    }

    /// The same message for another thread.
    pub(crate) fn fork(&self) -> Self {
        Self {
            held: self.held.clone(),
            lane: Arc::clone(&self.lane),
            epoch: self.epoch,
            attempt: self.attempt,
            verb: Verb::default(),
            deferred: Mutex::default(),
            answer: Mutex::default(),
            in_batch: false,
        }
    }

    /// Takes over the verb that was called on a fork, and the answer that was left there.
    pub(crate) fn join(&self, fork: &Self) {
        self.verb.copy(&fork.verb);
        let deferred = fork.deferred.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        *self.deferred.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = deferred;
        *self.answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = fork.take_answer();
    }

    /// Leaves what the method returned, to be sent once it has ended well.
    pub(crate) fn leave_answer(&self, mut answer: Answer) {
        answer.trace = trace::current();
        self.verb.answer();
        *self.answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Box::new(answer));
    }

    /// Takes what was left.
    pub(crate) fn take_answer(&self) -> Option<Box<Answer>> {
        self.answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    pub(crate) fn held(&self) -> &Held {
        &self.held
    }

    pub(crate) fn forget_verb(&mut self) {
        self.clear_verb();
        self.forget_deferred();
    }

    /// No verb was called and no answer left.
    #[inline]
    fn clear_verb(&mut self) {
        // Whoever leaves an answer says so there.
        if self.verb.is_called() {
            *self.answer.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        }
        self.verb.clear();
    }

    pub(crate) fn set_attempt(&mut self, attempt: u32) {
        self.attempt = attempt;
    }

    /// Lets go of the message.
    pub(crate) fn release(&mut self) -> Held {
        std::mem::replace(&mut self.held, Held::Nothing)
    }

    /// The message is settled together with those before it.
    pub(crate) fn set_in_batch(&mut self) {
        self.in_batch = true;
    }

    pub(crate) fn set_epoch(&mut self, epoch: u64) {
        self.epoch = epoch;
    }

    /// Whether somebody wants something of the lane: what waits here must let go.
    pub(crate) fn is_wanted(&self) -> bool {
        self.lane.requests().any()
    }

    #[inline]
    pub(crate) fn verb(&self) -> &Verb {
        &self.verb
    }
}
