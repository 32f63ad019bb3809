//! The harness of the end-to-end tests: brokers, records, groups, child processes, and waiting for a state.
//!
//! It talks to brokers through plain `rdkafka` and Kafka's own command-line tools, and of millstream it knows only how the
//! embedded broker is started, so that what it says is a second opinion. A test is written once and runs on both brokers:
//!
//! ```
//! use harness::prelude::*;
//!
//! both_brokers! {
//!     /// What is produced is read back.
//!     async fn records_come_back(broker: &Broker) {
//!         let topic = unique("orders");
//!         broker.create_topic(&topic, 1).await;
//!         broker.produce(Record::to(&topic).payload("hello")).await;
//!         assert_eq!(broker.read_all(&topic).await.len(), 1);
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! Everything here panics when it fails: a test wants no error to handle, but a message that names what went wrong.

// A harness fails by panicking, and says on the terminal what it skips.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod broker;
mod capability;
mod embedded;
mod groups;
mod kafka_scripts;
mod kafka_tool;
mod ledger;
mod names;
mod own_kafka;
mod process;
mod records;
mod redis;
mod run;
mod topics;
mod waiting;

pub use broker::{Broker, BrokerKind};
pub use capability::Capability;
pub use groups::{Committed, Member};
pub use ledger::{Handled, Ledger};
pub use millstream_native::Code;
pub use millstream_native::embedded::EmbeddedCluster;
pub use names::{unique, unused_port};
pub use own_kafka::OwnKafka;
pub use process::{Ended, Process, Program};
pub use records::{Delivered, Received, Record};
pub use redis::redis_url;
pub use run::{DEFAULT_DEADLINE_SECONDS, run_on_embedded, run_on_own_kafka, run_on_real, run_without_broker};
pub use waiting::{wait_until, wait_until_within};

/// What a test file needs.
pub mod prelude {
    pub use crate::{
        Broker, BrokerKind, Capability, Committed, Delivered, Ended, Handled, Ledger, Member, OwnKafka, Process,
        Received, Record, both_brokers, embedded_broker, real_broker, redis_url, unique, unused_port, wait_until,
        wait_until_within,
    };
}
