//! The safe layer over librdkafka's C API that Millstream's engine stands on.
//!
//! Everything that needs C is here and nothing else is: clients driven by events ([`Client`], [`Event`]),
//! one queue for each assigned partition ([`PartitionQueue`]), messages taken in batches ([`Batch`], [`Message`]),
//! librdkafka's property table ([`properties`]) and its broker inside the process ([`embedded`]).
//! There is no policy here: what to commit, when to seek and whom to tell is decided above.
//!
//! # Who keeps whom alive
//!
//! A message of librdkafka must be freed before its client. Every [`Client`] clone, [`PartitionQueue`] and non-empty
//! [`Batch`] therefore shares the client, which is destroyed when the last of them is gone: on a thread of its own when
//! they are just dropped, or on the calling thread by [`Client::destroy`].
//!
//! # Threads
//!
//! Every type is `Send` and `Sync`. librdkafka forbids batch calls beside each other and beside assign, unassign and
//! seek, so one lock per client, the gate, is held in all of these. The gate is held for microseconds by
//! [`PartitionQueue::take`] and for a round trip to librdkafka's own thread by the others.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use millstream_native::{Batch, Client, ClientOptions, Event, StartAt};
//! use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions, EmbeddedRecord};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cluster = EmbeddedCluster::start(EmbeddedOptions {
//!     topics: vec![("orders".into(), 1)],
//!     ..EmbeddedOptions::default()
//! })?;
//! cluster.produce(&EmbeddedRecord { payload: Some(b"hello"), ..EmbeddedRecord::to("orders") }, Duration::from_secs(10))?;
//!
//! let (waker, woken) = std::sync::mpsc::channel();
//! let wake: millstream_native::Waker = Arc::new(move || { let _ = waker.send(()); });
//! let properties = [
//!     ("bootstrap.servers", cluster.bootstrap()),
//!     ("group.id", "readers".into()),
//!     ("group.protocol", "consumer".into()),
//!     ("fetch.wait.max.ms", "10".into()),
//! ];
//! let options = ClientOptions {
//!     properties: properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
//! };
//! let client = Client::consumer(&options, wake.clone())?;
//! client.subscribe(&["orders"])?;
//!
//! // Nothing is assigned before the event is answered.
//! let assigned = loop {
//!     match client.poll() {
//!         Some(Event::Assign(partitions)) => break partitions,
//!         Some(_) => {}
//!         None => { let _ = woken.recv_timeout(Duration::from_millis(100)); }
//!     }
//! };
//! let queue = client.partition_queue(&assigned[0].topic, assigned[0].partition, wake)?;
//! client.incremental_assign(&[StartAt { topic: &assigned[0].topic, partition: assigned[0].partition, offset: 0 }])?;
//!
//! let mut batch = Batch::new();
//! while queue.take(&mut batch, 256) == 0 {
//!     let _ = woken.recv_timeout(Duration::from_millis(100));
//! }
//! assert_eq!(batch.get(0).and_then(|message| message.payload()), Some(&b"hello"[..]));
//! # Ok(())
//! # }
//! ```

// The reason for this crate: every other crate of the workspace forbids unsafe code.
#![allow(unsafe_code)]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

mod admin;
mod assignment;
mod batch;
mod client;
mod code;
pub mod embedded;
mod error;
mod event;
mod handle;
mod headers;
mod message;
mod metadata;
mod owned_message;
mod partition_list;
mod partition_queue;
mod producing;
pub mod properties;
mod raw;
mod record;
mod seeking;
mod token;
mod topic_admin;
mod topic_partition;
mod wake;

pub use admin::OffsetSpec;
pub use assignment::RebalanceProtocol;
pub use batch::Batch;
pub use client::{Client, ClientOptions};
pub use code::Code;
pub use error::{CreateError, NativeError};
pub use event::{CommitAnswer, CommittedPosition, Event, LogLevel, OffsetAnswer};
pub use headers::Headers;
pub use message::{Message, Timestamp, TimestampKind};
pub use metadata::{BrokerMetadata, Metadata, PartitionMetadata, TopicMetadata};
pub use owned_message::OwnedMessage;
pub use partition_queue::PartitionQueue;
pub use producing::{DeliveryReport, Persisted};
pub use record::Record;
pub use topic_admin::{ConfigEntry, NewTopic, TopicAnswer, TopicConfigs};
pub use topic_partition::{Position, StartAt, TopicPartition};
pub use wake::Waker;
