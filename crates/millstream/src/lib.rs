//! Millstream: declare what your application does with Kafka's messages, configure it, run it.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod admin;
mod answer;
mod app;
mod batch;
mod blocking;
mod client;
pub mod component;
mod context;
mod engine;
mod error;
mod events;
mod extract;
pub mod idempotent;
pub mod layer;
pub mod listener;
mod listener_batch;
mod log;
mod macros;
mod options;
#[cfg(doctest)]
mod pages;
mod panic_text;
mod plan;
pub mod prelude;
mod producer;
pub mod registry;
mod requests;
mod settings;
pub mod testing;
pub mod trace;
mod wire;

pub use admin::{Admin, AdminError, Admins, NewTopic, TopicDescription, TopicError, TopicErrorKind};
pub use answer::{AnswerValue, IntoAnswer, Reply};
pub use app::{
    App, AppBuilder, Args, Events, Handle, HandleError, HandleErrorKind, ListenerStatus, PartitionState,
    PartitionStatus, Partitions, RunError, RunErrorKind, Setting, StartError, StartErrorKind,
};
pub use batch::{
    Batch, BatchCommit, BatchCommitFuture, BatchContext, BatchExtractError, BatchMessage, BatchOutcome, BatchReceipt,
    Element, FromBatch, IntoBatchOutcome, Messages, MessagesIter,
};
pub use bytes::Bytes;
pub use context::{
    Attributes, Carried, Commit, CommitError, CommitErrorKind, CommitFuture, CommitReceipt, Context, Deferred, Headers,
    HeadersIter, Timestamp,
};
pub use engine::failing::origin::Origin;
pub use error::{BoxError, Error, Result, TerminalExt};
pub use events::Event;
pub use extract::{
    Config, ConfigKey, ExtractError, FromConfig, FromHeader, FromKey, FromMessage, Inject, Json, Key, Offset,
    Partition, Topic,
};
pub use futures_util::Stream;
pub use macros::{component, consumer, kafka_client, kafka_listener, main};
pub use millstream_native::{OwnedMessage, TimestampKind};
pub use options::{
    BackoffOption, BatchOption, DeadLetterOption, DurationOption, ErrorTest, IdempotentOption, ListenerOptions,
    RetriesOption, SizeOption, Text,
};
pub use producer::{
    Delivery, FlushError, IntoPayload, OutgoingMessage, Producer, Producers, SendError, SendErrorKind, Sending,
    UnknownCluster,
};
pub use requests::{
    ClusterRequests, RemoteError, Request, RequestCounts, RequestError, RequestErrorKind, Requests, Response,
    ResponseStream,
};
pub use wire::{FromBody, IntoBody, Nest, Wire};
