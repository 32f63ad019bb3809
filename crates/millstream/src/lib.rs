//! Millstream: declare what your application does with Kafka's messages, configure it, run it.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod app;
pub mod component;
mod context;
mod engine;
mod error;
mod events;
mod extract;
pub mod listener;
mod log;
mod macros;
mod options;
mod panic_text;
mod plan;
pub mod prelude;
pub mod registry;
mod settings;
pub mod testing;

pub use app::{
    App, AppBuilder, Args, Events, Handle, HandleError, HandleErrorKind, ListenerStatus, PartitionState,
    PartitionStatus, Partitions, RunError, RunErrorKind, Setting, StartError, StartErrorKind,
};
pub use bytes::Bytes;
pub use context::{
    Attributes, Carried, Commit, CommitError, CommitErrorKind, CommitFuture, CommitReceipt, Context, Deferred, Headers,
    HeadersIter, Timestamp,
};
pub use error::{BoxError, Error, Result, TerminalExt};
pub use events::Event;
pub use extract::{
    Config, ConfigKey, ExtractError, FromConfig, FromHeader, FromKey, FromMessage, Inject, Json, Key, Offset,
    Partition, Topic,
};
pub use macros::{component, consumer, kafka_listener, main};
pub use millstream_native::{OwnedMessage, TimestampKind};
pub use options::{
    BackoffOption, BatchOption, DeadLetterOption, DurationOption, ErrorTest, IdempotentOption, ListenerOptions,
    RetriesOption, SizeOption, Text,
};
