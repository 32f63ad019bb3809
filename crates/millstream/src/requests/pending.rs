//! Who waits for which replies.

use super::counts::{Counters, RequestCounts};
use super::mailbox::{End, Mailbox};
use super::reply::Reply;
use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::watch;

/// The requests of one instance that wait for replies, by number.
pub(super) struct Pending {
    state: Mutex<State>,
    closed: watch::Sender<bool>,
    counters: Counters,
}

#[derive(Default)]
struct State {
    /// The number of the next request.
    next: u64,
    waiting: HashMap<u64, Entry>,
    closed: bool,
}

struct Entry {
    mailbox: Arc<Mailbox>,
    wants: Wants,
}

/// What a request wants of its replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// The payload of the first.
    Payload,
    /// The first with key and headers.
    Whole,
    /// The payloads of all.
    Stream,
}

/// The application has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closed;

impl Pending {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), closed: watch::Sender::new(false), counters: Counters::default() })
    }

    /// A number for a request, and where its replies come. Dropping that forgets the request.
    pub(super) fn open(self: &Arc<Self>, wants: Wants) -> Result<Waiting, Closed> {
        let mailbox = Arc::<Mailbox>::default();
        let mut state = self.state();
        if state.closed {
            return Err(Closed);
        }
        let number = state.next;
        state.next += 1;
        state.waiting.insert(number, Entry { mailbox: Arc::clone(&mailbox), wants });
        drop(state);
        Ok(Waiting { pending: Arc::clone(self), number, mailbox, sent: false, became: None })
    }

    /// Hands a reply to whoever waits for it; it is only made for somebody.
    pub(super) fn deliver(&self, number: u64, last: bool, reply: impl FnOnce(Wants) -> Reply) {
        let mut state = self.state();
        let Some(entry) = state.waiting.get(&number) else {
            let known = number < state.next;
            drop(state);
            return Counters::add(if known { &self.counters.late } else { &self.counters.foreign });
        };
        let (wants, mailbox) = (entry.wants, Arc::clone(&entry.mailbox));
        let complete = last || wants != Wants::Stream;
        if complete {
            state.waiting.remove(&number);
        }
        drop(state);
        if !mailbox.put(reply(wants), complete) {
            self.state().waiting.remove(&number);
        }
    }

    /// A reply that answers none of ours.
    pub(super) fn foreign(&self) {
        Counters::add(&self.counters.foreign);
    }

    /// Ends all that wait, and refuses what comes.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        self.closed.send_replace(true);
        for entry in waiting.into_values() {
            entry.mailbox.end(End::ShuttingDown);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Waits for [`close`](Self::close).
    pub(super) async fn closed(&self) {
        // The sender is ours: it cannot be gone.
        drop(self.closed.subscribe().wait_for(|closed| *closed).await);
    }

    pub(super) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    pub(super) fn counts(&self) -> RequestCounts {
        self.counters.read()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits for replies; dropping it forgets the request.
pub(super) struct Waiting {
    pending: Arc<Pending>,
    number: u64,
    mailbox: Arc<Mailbox>,
    sent: bool,
    became: Option<Became>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    Answered,
    TimedOut,
    Failed,
}

impl Waiting {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next reply, or why there is none.
    pub(super) fn poll(&self, task: &mut Context<'_>) -> Poll<Result<Reply, End>> {
        self.mailbox.poll(task)
    }

    /// It is on its way. What never is counts as nothing.
    pub(super) fn sent(&mut self) {
        self.sent = true;
        Counters::add(&self.pending.counters.sent);
    }

    /// How it ended; where that is never said it was cancelled.
    pub(super) fn became(&mut self, became: Became) {
        self.became = Some(became);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Pending { state, counters, .. } = &*self.pending;
        let entry = state.lock().unwrap_or_else(PoisonError::into_inner).waiting.remove(&self.number);
        drop(entry);
        if !self.sent {
            return;
        }
        let counter: &AtomicU64 = match self.became {
            Some(Became::Answered) => &counters.answered,
            Some(Became::TimedOut) => &counters.timed_out,
            Some(Became::Failed) => &counters.failed,
            None => &counters.cancelled,
        };
        Counters::add(counter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use proptest::prelude::*;
    use std::future::poll_fn;

    fn take(waiting: &Waiting) -> Option<Result<Reply, End>> {
        poll_fn(|task| waiting.poll(task)).now_or_never()
    }

    fn text(payload: &str) -> Reply {
        Reply { payload: Some(payload.to_owned().into()), ..Reply::default() }
    }

    #[test]
    fn the_first_reply_is_the_answer_and_the_next_is_late() {
        let pending = Pending::new();
        let mut waiting = pending.open(Wants::Payload).unwrap();
        waiting.sent();
        pending.deliver(waiting.number(), false, |_| text("a"));
        pending.deliver(waiting.number(), false, |_| text("b"));
        assert_eq!(take(&waiting), Some(Ok(text("a"))));
        waiting.became(Became::Answered);
        drop(waiting);
        assert_eq!(pending.len(), 0);
        let counts = pending.counts();
        assert_eq!((counts.answered, counts.late, counts.foreign), (1, 1, 0));
    }

    #[test]
    fn a_stream_takes_replies_until_the_last() {
        let pending = Pending::new();
        let waiting = pending.open(Wants::Stream).unwrap();
        for (payload, last) in [("a", false), ("b", true), ("c", false)] {
            pending.deliver(waiting.number(), last, |_| text(payload));
        }
        assert_eq!(pending.len(), 0);
        assert_eq!(take(&waiting), Some(Ok(text("a"))));
        assert_eq!(take(&waiting), Some(Ok(text("b"))));
        assert_eq!(take(&waiting), Some(Err(End::Complete)));
        assert_eq!(pending.counts().late, 1);
    }

    #[test]
    fn a_number_that_was_never_given_is_foreign() {
        let pending = Pending::new();
        pending.deliver(0, true, |_| unreachable!("nobody waits for it"));
        assert_eq!((pending.counts().foreign, pending.counts().late), (1, 0));
    }

    #[test]
    fn the_end_ends_who_waits_and_refuses_who_comes() {
        let pending = Pending::new();
        let waiting = pending.open(Wants::Payload).unwrap();
        assert!(pending.closed().now_or_never().is_none());
        pending.close();
        assert_eq!(take(&waiting), Some(Err(End::ShuttingDown)));
        assert_eq!(pending.open(Wants::Payload).err(), Some(Closed));
        assert!(pending.closed().now_or_never().is_some());
        assert_eq!(pending.len(), 0);
    }

    #[test]
    fn a_request_that_was_never_sent_counts_as_nothing() {
        let pending = Pending::new();
        drop(pending.open(Wants::Payload).unwrap());
        assert_eq!((pending.len(), pending.counts()), (0, RequestCounts::default()));
    }

    #[test]
    fn a_stream_that_nobody_reads_is_forgotten_when_it_overruns() {
        let pending = Pending::new();
        let waiting = pending.open(Wants::Stream).unwrap();
        for _ in 0..=super::super::mailbox::MOST_REPLIES {
            pending.deliver(waiting.number(), false, |_| Reply::default());
        }
        assert_eq!(pending.len(), 0);
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Open(Wants),
        Reply { request: usize, last: bool },
        Take(usize),
        TimeOut(usize),
        Drop(usize),
        Close,
    }

    fn step() -> impl Strategy<Value = Step> {
        let request = 0_usize..12;
        prop_oneof![
            6 => prop_oneof![Just(Wants::Payload), Just(Wants::Whole), Just(Wants::Stream)].prop_map(Step::Open),
            8 => (request.clone(), any::<bool>()).prop_map(|(request, last)| Step::Reply { request, last }),
            8 => request.clone().prop_map(Step::Take),
            2 => request.clone().prop_map(Step::TimeOut),
            2 => request.prop_map(Step::Drop),
            1 => Just(Step::Close),
        ]
    }

    /// A request as it should be.
    struct Model {
        waiting: Option<Waiting>,
        wants: Wants,
        /// Replies that were delivered in time, whether the last is among them, and how many were taken.
        delivered: usize,
        complete: bool,
        taken: usize,
        open: bool,
    }

    proptest! {
        #[test]
        fn in_any_order_of_events_everybody_gets_what_is_theirs_and_nothing_is_left(
            steps in prop::collection::vec(step(), 0..80),
        ) {
            let pending = Pending::new();
            let mut requests: Vec<Model> = Vec::new();
            let (mut closed, mut late, mut foreign) = (false, 0, 0);
            let mut ended = [0_u64; 4];
            for step in steps {
                match step {
                    Step::Open(wants) => match pending.open(wants) {
                        Ok(mut waiting) => {
                            prop_assert!(!closed);
                            prop_assert_eq!(waiting.number(), requests.len() as u64);
                            waiting.sent();
                            let waiting = Some(waiting);
                            requests.push(Model { waiting, wants, delivered: 0, complete: false, taken: 0, open: true });
                        }
                        Err(Closed) => prop_assert!(closed),
                    },
                    Step::Reply { request, last } => {
                        let mut made = false;
                        pending.deliver(request as u64, last, |_| {
                            made = true;
                            Reply::default()
                        });
                        match requests.get_mut(request) {
                            Some(model) if model.open => {
                                prop_assert!(made);
                                model.delivered += 1;
                                model.complete = last || model.wants != Wants::Stream;
                                model.open = !model.complete;
                            }
                            Some(_) => late += 1,
                            None => foreign += 1,
                        }
                    }
                    Step::Take(request) => {
                        let Some(model) = requests.get_mut(request) else { continue };
                        let Some(waiting) = &mut model.waiting else { continue };
                        let expected = if model.taken < model.delivered {
                            Some(Ok(Reply::default()))
                        } else if model.complete {
                            Some(Err(End::Complete))
                        } else if closed {
                            Some(Err(End::ShuttingDown))
                        } else {
                            None
                        };
                        prop_assert_eq!(take(waiting), expected.clone());
                        model.taken += usize::from(matches!(expected, Some(Ok(_))));
                        let became = match expected {
                            Some(Ok(_)) if model.wants != Wants::Stream => (Became::Answered, 0),
                            Some(Err(End::Complete)) => (Became::Answered, 0),
                            Some(Err(_)) => (Became::Failed, 2),
                            _ => continue,
                        };
                        waiting.became(became.0);
                        ended[became.1] += 1;
                        model.waiting = None;
                        model.open = false;
                    }
                    Step::TimeOut(request) | Step::Drop(request) => {
                        let Some(model) = requests.get_mut(request) else { continue };
                        let Some(mut waiting) = model.waiting.take() else { continue };
                        if matches!(step, Step::TimeOut(_)) {
                            waiting.became(Became::TimedOut);
                            ended[1] += 1;
                        } else {
                            ended[3] += 1;
                        }
                        model.open = false;
                    }
                    Step::Close => {
                        pending.close();
                        closed = true;
                        for model in &mut requests {
                            model.open = false;
                        }
                    }
                }
                prop_assert_eq!(pending.len(), requests.iter().filter(|model| model.open).count());
            }
            ended[3] += requests.iter().filter(|model| model.waiting.is_some()).count() as u64;
            let sent = requests.len() as u64;
            drop(requests);
            prop_assert_eq!(pending.len(), 0);
            let counts = pending.counts();
            prop_assert_eq!([counts.answered, counts.timed_out, counts.failed, counts.cancelled], ended);
            prop_assert_eq!((counts.sent, counts.late, counts.foreign), (sent, late, foreign));
            prop_assert_eq!(counts.sent, ended.iter().sum::<u64>());
        }
    }
}
