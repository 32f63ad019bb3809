//! Consumers that do with a batch what a test tells them, and note what they were called with.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};

use millstream::prelude::*;
use millstream::{AppBuilder, BatchReceipt, CommitError, Setting};
use tokio_util::sync::CancellationToken;

use crate::stage::Stage;

/// A call of a listener.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Call {
    /// Partition and offset of each message.
    pub(crate) messages: Vec<(i32, i64)>,
    /// What `attempt()` said of each.
    pub(crate) attempts: Vec<u32>,
    /// Which call of this script it was, from 1.
    pub(crate) number: usize,
}

impl Call {
    pub(crate) fn offsets(&self) -> Vec<i64> {
        self.messages.iter().map(|(_, offset)| *offset).collect()
    }

    /// The index of the message with this offset.
    pub(crate) fn index_of(&self, offset: i64) -> Option<usize> {
        self.messages.iter().position(|(_, other)| *other == offset)
    }
}

/// What a listener does with a batch.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Done,
    /// `failed_at` the message at this index.
    FailedAt(usize),
    /// `failed` at these indices.
    Failed(Vec<usize>),
    Err,
    Panic,
    /// Never returns.
    Hang,
    /// Awaits `commit_through` of this index, then fails as a whole if told to.
    CommitThrough(usize, bool),
    /// The message at this index moves back to an offset.
    Rewind(usize, i64),
    /// Returns when the token is cancelled.
    WaitFor(CancellationToken),
}

type Answer = Result<Vec<BatchReceipt>, CommitError>;
type Steps = dyn Fn(&Call) -> Act + Send + Sync;

/// What listeners do, and what they saw; clones are the same.
#[derive(Clone)]
pub(crate) struct Script {
    steps: Arc<Steps>,
    calls: Arc<Mutex<Vec<Call>>>,
    answers: Arc<Mutex<Vec<Answer>>>,
}

impl Script {
    pub(crate) fn new(steps: impl Fn(&Call) -> Act + Send + Sync + 'static) -> Self {
        Self { steps: Arc::new(steps), calls: Arc::default(), answers: Arc::default() }
    }

    pub(crate) fn done() -> Self {
        Self::new(|_| Act::Done)
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The offsets of each call.
    pub(crate) fn batches(&self) -> Vec<Vec<i64>> {
        self.calls().iter().map(Call::offsets).collect()
    }

    /// How many messages each call had.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.calls().iter().map(|call| call.messages.len()).collect()
    }

    /// How many messages all calls had.
    pub(crate) fn count(&self) -> usize {
        self.sizes().iter().sum()
    }

    /// The attempts of each call.
    pub(crate) fn attempts(&self) -> Vec<Vec<u32>> {
        self.calls().into_iter().map(|call| call.attempts).collect()
    }

    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, batch: &BatchContext) -> Act {
        let contexts = (0..batch.len()).filter_map(|index| batch.context_of(index));
        let (messages, attempts) = contexts.map(|one| ((one.partition(), one.offset()), one.attempt())).unzip();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let call = Call { messages, attempts, number: calls.len() + 1 };
        calls.push(call.clone());
        drop(calls);
        (self.steps)(&call)
    }

    pub(crate) async fn handle(&self, messages: Messages<'_>, batch: &BatchContext) -> Result<BatchOutcome> {
        assert_eq!(messages.iter().len(), batch.len());
        for (index, message) in messages.iter().enumerate() {
            let context = batch.context_of(index).unwrap();
            assert_eq!((message.partition(), message.offset()), (context.partition(), context.offset()));
            assert_eq!(message.payload(), context.payload());
            assert_eq!(messages.get(index).map(|message| message.offset()), Some(message.offset()));
        }
        match self.note(batch) {
            Act::Done => Ok(BatchOutcome::done()),
            Act::FailedAt(index) => Ok(BatchOutcome::failed_at(index, "as the test wants it")),
            Act::Failed(list) => {
                Ok(BatchOutcome::failed(list.into_iter().map(|index| (index, Error::new("as the test wants it")))))
            }
            Act::Err => Err(Error::new("as the test wants it")),
            Act::Panic => panic!("as the test wants it"),
            Act::Hang => pending().await,
            Act::CommitThrough(index, fails) => {
                let answer = batch.commit_through(index).await;
                self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
                if fails { Err(Error::new("after the commit")) } else { Ok(BatchOutcome::done()) }
            }
            Act::Rewind(index, to) => {
                drop(batch.context_of(index).unwrap().commit_offsets(to));
                Ok(BatchOutcome::done())
            }
            Act::WaitFor(token) => {
                token.cancelled().await;
                Ok(BatchOutcome::done())
            }
        }
    }
}

macro_rules! consumers {
    ($($name:ident: { $($batch:tt)* } $(, $option:ident = $value:expr)*;)*) => {$(
        pub(crate) struct $name(pub(crate) Script);

        #[consumer]
        impl $name {
            #[kafka_listener("named-by-the-configuration", batch = { $($batch)* } $(, $option = $value)*)]
            async fn on_batch(&self, messages: Messages<'_>, batch: &BatchContext) -> Result<BatchOutcome> {
                self.0.handle(messages, batch).await
            }
        }
    )*};
}

consumers! {
    Fives: { max = 5, wait = "500ms" };
    Patient: { max = 100, wait = "1h" };
    Enough: { max = 100, min = 3, wait = "1h" };
    Few: { max = 100, min = 50, wait = "50ms" };
    Bytes: { max = 100, wait = "500ms", bytes = "1KiB" };
    ByHand: { max = 5, wait = "500ms" }, auto_commit = false;
    Many: { max = 50, wait = "20ms" };
    Together: { max = 20, wait = "1h", across_partitions = true };
    TogetherSoon: { max = 50, wait = "20ms", across_partitions = true };
    TogetherByHand: { max = 20, wait = "1h", across_partitions = true }, auto_commit = false;
}

/// Binds a consumer to the topic of the stage; `options` are lines of its listener's table.
pub(crate) fn bind<C: Send + Sync + 'static>(stage: &Stage<'_>, consumer: C, name: &str, options: &str) -> AppBuilder {
    let id = format!("{name}.on_batch");
    let table = format!("[kafka.listeners.\"{id}\"]\n{options}\n");
    stage
        .app()
        .consumer(consumer)
        .config_text(table)
        .set(&format!("kafka.listeners.\"{id}\".topics"), Setting::from([&*stage.topic]))
}
