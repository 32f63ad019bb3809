//! From a batch to the handler: the loop that runs for every message.
//!
//! It is compiled once for each listener's method and reached through one dynamic call for a batch. For a
//! message that succeeds it allocates nothing, reads no clock, takes no lock and clones no `Arc`.

use super::attempts::Attempts;
use super::lane::{Called, Lane};
use super::limit::Permit;
use super::wide::{Desk, work};
use crate::answer::Replies;
use crate::batch::{BatchContext, BatchOutcome};
use crate::blocking::block_on;
use crate::context::{Context, Held};
use crate::error::Error;
use crate::layer::{Around, Layered, Tell};
use crate::listener::{Bound, Failure, ListenerMethod, Outcome};
use futures_util::FutureExt;
use millstream_native::Batch;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A listener's method bound to its consumer, as the engine sees it. Only [`listener::bind`](crate::listener::bind)
/// makes one.
pub trait BoundListener: Send + Sync + fmt::Debug {
    /// Handles the messages of a run in their order until one fails, somebody interrupts, or none is left.
    #[doc(hidden)]
    fn run<'a>(&'a self, run: &'a mut Run) -> Pin<Box<dyn Future<Output = RunEnd> + Send + 'a>>;

    /// Handles messages of a desk, side by side with others that do so, until there are none.
    #[doc(hidden)]
    fn work<'a>(&'a self, desk: &'a Desk, permit: Permit) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

    /// Handles several messages at once.
    #[doc(hidden)]
    fn take<'a>(&'a self, batch: &'a BatchContext) -> Pin<Box<dyn Future<Output = BatchOutcome> + Send + 'a>> {
        let _ = batch;
        let text = "the method takes one message and its listener has `batch`: take `Batch<T>`, or remove `batch`";
        Box::pin(std::future::ready(BatchOutcome::unnamed(Failure::Error(Error::terminal(text)))))
    }

    /// The same listener with layers around it; `None` for one that cannot have any. A listener without them stays as
    /// it is, so that it pays nothing.
    #[doc(hidden)]
    fn surrounded(self: Arc<Self>, around: Arc<Around>) -> Option<Arc<dyn BoundListener>> {
        drop(around);
        None
    }

    /// Tells it whom to tell about messages that it settles without handling them.
    #[doc(hidden)]
    fn attach(&self, tell: &Tell) {
        let _ = tell;
    }
}

/// What is called for a message.
pub(crate) trait Handler: Send + Sync {
    /// Whether it applies the listener's `timeout` itself.
    const KEEPS_TIME: bool = false;
    /// Whether it runs beside the task that awaits it, so that its verbs are called at any moment.
    const ELSEWHERE: bool = false;

    /// Takes what it needs from the message and handles it.
    fn handle<'m>(&'m self, context: &'m Context) -> impl Future<Output = Outcome> + Send + 'm;
}

impl<M: ListenerMethod> Handler for Bound<M> {
    #[inline]
    fn handle<'m>(&'m self, context: &'m Context) -> impl Future<Output = Outcome> + Send + 'm {
        M::call(&self.consumer, context, &self.prepared)
    }
}

/// A handler that blocks its thread.
pub(crate) trait BlockingRun: Handler + fmt::Debug {
    /// The same for a thread that may block, where it is called directly.
    fn in_place(&self) -> impl Handler + 'static;
}

/// Runs on a thread that may block: one hop for a whole run.
async fn run_blocking<B: BlockingRun>(bound: &B, run: &mut Run) -> RunEnd {
    let handler = bound.in_place();
    let mut own = run.take();
    let ran = tokio::task::spawn_blocking(move || {
        // Not the runtime's own: below that, a method could not wait for anything of the runtime.
        let end = block_on(run_in_order(&handler, &mut own));
        (own, end)
    });
    match ran.await {
        Ok((own, end)) => {
            *run = own;
            end
        }
        // The runtime is ending, or the loop itself panicked: the driver reads the lost batch again.
        Err(error) => std::panic::resume_unwind(Box::new(error.to_string())),
    }
}

impl<B: BlockingRun + 'static> BoundListener for B {
    fn surrounded(self: Arc<Self>, around: Arc<Around>) -> Option<Arc<dyn BoundListener>> {
        Some(Arc::new(Layered { handler: self, around }))
    }

    fn run<'a>(&'a self, run: &'a mut Run) -> Pin<Box<dyn Future<Output = RunEnd> + Send + 'a>> {
        Box::pin(run_blocking(self, run))
    }

    fn work<'a>(&'a self, desk: &'a Desk, permit: Permit) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(work(self, desk, permit))
    }
}

/// The messages that a lane has in hand, and how far it is.
pub struct Run {
    pub(crate) lane: Arc<Lane>,
    pub(crate) context: Context,
    /// The batch in hand, its length and the message in turn.
    batch: Option<Arc<Batch>>,
    length: usize,
    index: usize,
    /// The lowest offset still to be delivered.
    pub(crate) next: i64,
    pub(crate) attempts: Attempts,
    /// Messages to settle without handling them, and why.
    pub(crate) skips: BTreeMap<i64, String>,
    /// When set, no other message than this one is handled in the next run.
    pub(crate) only: Option<i64>,
    auto_commit: bool,
    timeout: Option<Duration>,
    /// What is to be sent before the message in turn is settled.
    replies: Option<Box<Replies>>,
}

impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Run({:?} at {})", self.lane, self.next)
    }
}

/// Why a run ended.
#[derive(Debug)]
#[doc(hidden)]
pub enum RunEnd {
    /// No message is left.
    Finished,
    /// Somebody asks for something, before the message in turn.
    Interrupted,
    /// The message in turn did not succeed, or its handler moved back.
    #[non_exhaustive]
    Failed {
        /// The failure; `None` if only a verb moved back.
        failure: Option<Box<Failure>>,
    },
    /// The message in turn was handled, and its answer is to be sent.
    Answered,
    /// The message in turn is to be skipped.
    Skip,
}

impl Run {
    pub(crate) fn new(lane: Arc<Lane>, next: i64, auto_commit: bool, timeout: Option<Duration>) -> Self {
        Self {
            context: Context::new(Arc::clone(&lane)),
            lane,
            batch: None,
            length: 0,
            index: 0,
            next,
            attempts: Attempts::default(),
            skips: BTreeMap::new(),
            only: None,
            auto_commit,
            timeout,
            replies: None,
        }
    }

    /// Whether its messages are handled one after the other without looking at each.
    fn is_plain(&self) -> bool {
        self.attempts.is_empty() && self.skips.is_empty() && self.only.is_none()
    }

    /// Takes everything out, for another thread; what stays has nothing in hand.
    fn take(&mut self) -> Self {
        let mut rest = Self::new(Arc::clone(&self.lane), self.next, self.auto_commit, self.timeout);
        std::mem::swap(self, &mut rest);
        rest
    }

    /// Takes a batch in hand, at this message.
    pub(crate) fn load(&mut self, batch: Arc<Batch>, index: usize) {
        self.length = batch.len();
        self.index = index;
        self.context.take(Held::Batch { batch: Arc::clone(&batch), index }, 1);
        self.batch = Some(batch);
    }

    /// Lets go of the batch in hand.
    pub(crate) fn unload(&mut self) -> Option<Arc<Batch>> {
        self.context.release();
        self.length = 0;
        self.index = 0;
        self.batch.take()
    }

    /// The message in turn was handled, and a verb was called or an answer left: whether that is to be sent now. Otherwise
    /// the message is settled as its method wants it.
    #[inline(never)] // the loop is for messages of which none of this is true
    fn is_answered(&mut self, offset: i64) -> bool {
        self.replies = self.lane.replies(&self.context);
        if self.replies.is_some() {
            return true;
        }
        if self.auto_commit && self.context.verb().called() == Called::Nothing {
            self.lane.frontier.set(offset + 1);
        }
        self.context.forget_verb();
        false
    }

    /// Takes what is to be sent before the message in turn is settled.
    pub(crate) fn take_replies(&mut self) -> Option<Box<Replies>> {
        self.replies.take()
    }

    /// Whether there is a message in turn.
    pub(crate) fn has_message(&self) -> bool {
        self.index < self.length
    }

    /// The offset of the message in turn.
    pub(crate) fn offset(&self) -> Option<i64> {
        self.batch.as_ref()?.get(self.index).map(millstream_native::Message::offset)
    }

    /// The batch in hand and the index of the message in turn.
    pub(crate) fn in_turn(&self) -> Option<(&Arc<Batch>, usize)> {
        self.batch.as_ref().map(|batch| (batch, self.index))
    }

    /// Makes the context that of the message in turn, as no verb was called for it yet.
    pub(crate) fn take_in_turn(&mut self) {
        self.context.begin();
        if let Some(offset) = self.context.advance(self.index) {
            self.context.set_attempt(self.attempts.next(offset));
        }
    }

    /// Goes on behind the message in turn, which was passed before.
    pub(crate) fn pass_again(&mut self) {
        self.index += 1;
    }

    pub(crate) fn batch(&self) -> Option<&Arc<Batch>> {
        self.batch.as_ref()
    }

    /// Goes on behind the message in turn.
    pub(crate) fn pass(&mut self, offset: i64) {
        self.next = offset.saturating_add(1);
        self.index += 1;
        self.attempts.passed(offset);
    }

    /// Goes back or forward to `offset` within the batch in hand; whether that was possible.
    pub(crate) fn move_within_batch(&mut self, offset: i64) -> bool {
        let Some(batch) = &self.batch else { return false };
        let offset_at = |index: usize| batch.get(index).map(millstream_native::Message::offset);
        let (Some(first), Some(last)) = (offset_at(0), offset_at(self.length.saturating_sub(1))) else { return false };
        // Below the first one there may be messages that this batch does not hold.
        if !(first..=last).contains(&offset) {
            return false;
        }
        match (0..self.length).find(|index| offset_at(*index).is_some_and(|at| at >= offset)) {
            Some(index) => {
                self.index = index;
                self.next = offset;
                true
            }
            None => false,
        }
    }
}

impl<M: ListenerMethod> BoundListener for Bound<M> {
    fn surrounded(self: Arc<Self>, around: Arc<Around>) -> Option<Arc<dyn BoundListener>> {
        Some(Arc::new(Layered { handler: self, around }))
    }

    fn run<'a>(&'a self, run: &'a mut Run) -> Pin<Box<dyn Future<Output = RunEnd> + Send + 'a>> {
        match run.timeout {
            None => Box::pin(run_in_order(self, run)),
            Some(timeout) => Box::pin(run_within(self, run, timeout)),
        }
    }

    fn work<'a>(&'a self, desk: &'a Desk, permit: Permit) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(work(self, desk, permit))
    }
}

/// The loop over the messages of a run. A macro, so that a handler's future is awaited where it is made: handing it
/// to another function would copy it for every message.
macro_rules! in_order {
    ($run:ident, $outcome:expr) => {{
        let lane = Arc::clone(&$run.lane);
        // Failures and skips are rare: one test for both.
        let mut plain = $run.is_plain();
        $run.context.begin();
        // Ends behind the last message of the batch.
        while let Some(offset) = $run.context.advance($run.index) {
            if lane.requests().any() {
                return RunEnd::Interrupted;
            }
            if offset < $run.next {
                // Delivered before: a rebalance makes librdkafka fetch again what it had handed out.
                $run.index += 1;
                continue;
            }
            if !plain {
                if $run.only.is_some_and(|only| only != offset) {
                    return RunEnd::Finished;
                }
                if $run.skips.contains_key(&offset) {
                    return RunEnd::Skip;
                }
                $run.context.set_attempt($run.attempts.next(offset));
            }
            let outcome: Outcome = $outcome;
            if let Err(failure) = outcome {
                if matches!(*failure, Failure::Interrupted) {
                    return RunEnd::Interrupted;
                }
                return RunEnd::Failed { failure: Some(failure) };
            }
            if $run.context.verb().is_called() {
                match $run.context.verb().called() {
                    Called::Rewind(_) => return RunEnd::Failed { failure: None },
                    Called::Defer => {
                        if let Err(failure) = $run.context.deferred().await {
                            return RunEnd::Failed { failure: Some(failure) };
                        }
                        // Whoever held it has settled it.
                        $run.context.verb().commit();
                    }
                    Called::Nothing | Called::Commit => {}
                }
                if $run.is_answered(offset) {
                    return RunEnd::Answered;
                }
            } else if $run.auto_commit {
                lane.frontier.set(offset + 1);
            }
            $run.next = offset + 1;
            $run.index += 1;
            if !plain {
                $run.attempts.passed(offset);
                $run.context.set_attempt(1);
                plain = $run.is_plain();
            }
        }
        RunEnd::Finished
    }};
}

pub(crate) async fn run_in_order<H: Handler>(handler: &H, run: &mut Run) -> RunEnd {
    in_order!(run, handler.handle(&run.context).await)
}

async fn run_within<H: Handler>(handler: &H, run: &mut Run, timeout: Duration) -> RunEnd {
    in_order!(run, {
        let call = handler.handle(&run.context);
        tokio::time::timeout(timeout, call).await.unwrap_or_else(|_| Err(Box::new(Failure::Timeout(timeout))))
    })
}

/// Awaits a run; a handler's panic ends it with the message in turn, like an error.
pub(crate) fn catch_panics(run: impl Future<Output = RunEnd> + Unpin) -> impl Future<Output = RunEnd> + Unpin {
    // Caught around the run and not around each message: what a handler leaves behind is the run itself, which stands at
    // the message in turn, and its consumer, which is shared and must bear a panic anyway.
    AssertUnwindSafe(run).catch_unwind().map(|ended| {
        ended.unwrap_or_else(|panic| RunEnd::Failed { failure: Some(Box::new(Failure::Panic(panic_message(&*panic)))) })
    })
}

pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
