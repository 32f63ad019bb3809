//! Consumers that do what a test tells them, and note what they were called with and answered.

use std::collections::BTreeMap;
use std::future::pending;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use millstream::prelude::*;
use millstream::{CommitError, CommitErrorKind, CommitReceipt};

/// A call of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The consumer's name in this test.
    pub(crate) listener: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    /// What `ctx.attempt()` said.
    pub(crate) attempt: u32,
    /// How often this listener has had this message, from 1.
    pub(crate) delivery: usize,
}

/// A verb that a listener calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `commit()`.
    Commit,
    /// `commit_offsets(offset)`.
    CommitOffsets(i64),
    /// `seek(offset)`.
    Seek(i64),
    /// `pause()`.
    Pause,
}

/// How a listener returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Ok,
    Err,
    /// An error that no retry mends.
    Terminal,
    Panic,
    /// Never, so that its timeout ends it.
    Timeout,
}

/// Everything but a clean return.
pub(crate) const FAILURES: [Ending; 3] = [Ending::Err, Ending::Panic, Ending::Timeout];

/// What a listener does with a message: calls verbs, awaits the last one's answer if told to, and returns.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    verbs: Vec<Verb>,
    awaits: bool,
    ending: Ending,
}

impl Act {
    /// Returns without calling a verb.
    pub(crate) fn only(ending: Ending) -> Self {
        Self { verbs: Vec::new(), awaits: false, ending }
    }

    /// Calls a verb and returns `Ok`.
    pub(crate) fn verb(verb: Verb) -> Self {
        Self::only(Ending::Ok).and(verb)
    }

    /// Calls one more verb.
    pub(crate) fn and(mut self, verb: Verb) -> Self {
        self.verbs.push(verb);
        self
    }

    pub(crate) fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Awaits the answer to the last commit verb, for [`Probe::answers`].
    pub(crate) fn awaiting(mut self) -> Self {
        self.awaits = true;
        self
    }
}

/// The answer to an awaited verb of the message at an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) offset: i64,
    pub(crate) result: Result<CommitReceipt, CommitError>,
}

impl Answer {
    pub(crate) fn error_kind(&self) -> Option<CommitErrorKind> {
        self.result.as_ref().err().map(CommitError::kind)
    }
}

type Script = dyn Fn(&Call) -> Act + Send + Sync;

/// What listeners do, and what they saw; clones are the same.
#[derive(Clone)]
pub(crate) struct Probe {
    script: Arc<Script>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    calls: Vec<Call>,
    deliveries: BTreeMap<(String, i32, i64), usize>,
    answers: Vec<Answer>,
}

impl Probe {
    /// Listeners that do what the script says for each call.
    pub(crate) fn new(script: impl Fn(&Call) -> Act + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), seen: Arc::default() }
    }

    /// Listeners that do the same with every message.
    pub(crate) fn always(act: Act) -> Self {
        Self::new(move |_| act.clone())
    }

    /// Listeners that return `Ok`.
    pub(crate) fn ok() -> Self {
        Self::always(Act::only(Ending::Ok))
    }

    /// All calls so far, in their order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.seen().calls.clone()
    }

    /// The offsets that were delivered so far from all partitions, in their order.
    pub(crate) fn offsets(&self) -> Vec<i64> {
        self.seen().calls.iter().map(|call| call.offset).collect()
    }

    /// The offsets that one listener got from one partition.
    pub(crate) fn offsets_of(&self, listener: &str, partition: i32) -> Vec<i64> {
        let seen = self.seen();
        let calls = seen.calls.iter().filter(|call| call.listener == listener && call.partition == partition);
        calls.map(|call| call.offset).collect()
    }

    /// The attempts at one offset, in their order.
    pub(crate) fn attempts_at(&self, offset: i64) -> Vec<u32> {
        self.seen().calls.iter().filter(|call| call.offset == offset).map(|call| call.attempt).collect()
    }

    /// How many calls there were.
    pub(crate) fn count(&self) -> usize {
        self.seen().calls.len()
    }

    /// The answers to awaited verbs, in the order in which they came.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.seen().answers.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, listener: &str, ctx: &Context) -> Act {
        let mut seen = self.seen();
        let key = (listener.to_owned(), ctx.partition(), ctx.offset());
        let delivery = seen.deliveries.entry(key).or_default();
        *delivery += 1;
        let call = Call {
            listener: listener.to_owned(),
            partition: ctx.partition(),
            offset: ctx.offset(),
            attempt: ctx.attempt(),
            delivery: *delivery,
        };
        let act = (self.script)(&call);
        seen.calls.push(call);
        act
    }

    async fn handle(&self, ctx: &Context) -> Result<()> {
        let listener = ctx.listener().split('.').next().unwrap_or_default();
        let act = self.note(listener, ctx);
        let mut last = None;
        for verb in act.verbs {
            match verb {
                Verb::Commit => last = Some(ctx.commit()),
                Verb::CommitOffsets(offset) => last = Some(ctx.commit_offsets(offset)),
                Verb::Seek(offset) => ctx.seek(offset),
                Verb::Pause => ctx.pause(),
            }
        }
        if let Some(commit) = last.filter(|_| act.awaits) {
            let answer = Answer { offset: ctx.offset(), result: commit.await };
            self.seen().answers.push(answer);
        }
        match act.ending {
            Ending::Ok => Ok(()),
            Ending::Err => Err(Error::new("as the test wants it")),
            Ending::Terminal => Err(Error::terminal("as the test wants it, for good")),
            Ending::Panic => panic!("as the test wants it"),
            Ending::Timeout => pending().await,
        }
    }
}

/// Commits by itself. One application has one value of each type: `Kind` makes several types.
pub(crate) struct Auto<Kind> {
    probe: Probe,
    kind: PhantomData<fn() -> Kind>,
}

/// Commits by hand; `Kind` as for [`Auto`].
pub(crate) struct Manual<Kind> {
    probe: Probe,
    kind: PhantomData<fn() -> Kind>,
}

impl<Kind> Auto<Kind> {
    pub(crate) fn new(probe: &Probe) -> Self {
        Self { probe: probe.clone(), kind: PhantomData }
    }
}

impl<Kind> Manual<Kind> {
    pub(crate) fn new(probe: &Probe) -> Self {
        Self { probe: probe.clone(), kind: PhantomData }
    }
}

#[consumer]
impl<Kind: 'static> Auto<Kind> {
    #[kafka_listener("named-by-the-configuration")]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        self.probe.handle(ctx).await
    }
}

#[consumer]
impl<Kind: 'static> Manual<Kind> {
    #[kafka_listener("named-by-the-configuration", auto_commit = false)]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        self.probe.handle(ctx).await
    }
}
