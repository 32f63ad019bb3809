//! Listeners that are plain functions, what they did, and a gate that they wait at.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use millstream::prelude::*;

/// Holds threads until it is opened; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Blocks the thread.
    pub(crate) fn pass(&self) {
        let (open, changed) = &*self.0;
        let open = open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_while(open, |open| !*open).unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn open(&self) {
        let (open, changed) = &*self.0;
        *open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Opens it when the test ends, also where it fails: its runtime waits for the threads.
    pub(crate) fn until_the_end(&self) -> Opening {
        Opening(self.clone())
    }
}

/// Opens a gate when it is dropped.
pub(crate) struct Opening(Gate);

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// A call of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) attempt: u32,
    key: Option<Vec<u8>>,
}

/// What was called, and what ran side by side; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    begun: Vec<Call>,
    running: Vec<Call>,
    most: usize,
}

impl Calls {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, ctx: &Context) -> Running {
        let (partition, offset, attempt) = (ctx.partition(), ctx.offset(), ctx.attempt());
        let call = Call { partition, offset, attempt, key: ctx.key().map(<[u8]>::to_vec) };
        let mut state = self.state();
        state.begun.push(call.clone());
        state.running.push(call.clone());
        state.most = state.most.max(state.running.len());
        Running(self.clone(), call)
    }

    /// All, in the order of their beginnings.
    pub(crate) fn begun(&self) -> Vec<Call> {
        self.state().begun.clone()
    }

    /// The offsets of a partition's, in the order of their beginnings.
    pub(crate) fn offsets(&self, partition: i32) -> Vec<i64> {
        self.begun().iter().filter(|call| call.partition == partition).map(|call| call.offset).collect()
    }

    /// The attempts at a partition's messages, in the order of their beginnings.
    pub(crate) fn attempts(&self, partition: i32) -> Vec<(i64, u32)> {
        let of_partition = |call: &Call| (call.partition == partition).then_some((call.offset, call.attempt));
        self.begun().iter().filter_map(of_partition).collect()
    }

    /// The offsets of each key of a topic with one partition, in the order of their beginnings.
    pub(crate) fn by_key(&self) -> BTreeMap<String, Vec<i64>> {
        let mut by_key: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for call in self.begun() {
            let key = String::from_utf8_lossy(&call.key.unwrap_or_default()).into_owned();
            by_key.entry(key).or_default().push(call.offset);
        }
        by_key
    }

    /// How many run now.
    pub(crate) fn running(&self) -> usize {
        self.state().running.len()
    }

    /// How many ran at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.state().most
    }
}

/// A call at work.
struct Running(Calls, Call);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if let Some(index) = state.running.iter().position(|call| *call == self.1) {
            state.running.swap_remove(index);
        }
    }
}

/// What a test wants done with a message.
type Act = Box<dyn Fn(&Context) -> Result<()> + Send + Sync>;

/// Does what the test says, on a thread that may block.
pub(crate) struct Plain {
    calls: Calls,
    act: Act,
}

impl Plain {
    pub(crate) fn new(calls: &Calls, act: impl Fn(&Context) -> Result<()> + Send + Sync + 'static) -> Self {
        Self { calls: calls.clone(), act: Box::new(act) }
    }

    fn handle(&self, ctx: &Context) -> Result<()> {
        let _running = self.calls.begin(ctx);
        (self.act)(ctx)
    }
}

#[consumer]
impl Plain {
    #[kafka_listener("named-by-the-test", blocking)]
    fn on_message(&self, ctx: &Context) -> Result<()> {
        self.handle(ctx)
    }
}

/// The same, committing by hand.
pub(crate) struct ByHand(pub(crate) Plain);

#[consumer]
impl ByHand {
    #[kafka_listener("named-by-the-test", blocking, auto_commit = false)]
    fn on_message(&self, ctx: &Context) -> Result<()> {
        self.0.handle(ctx)
    }
}
