//! A broker inside the process, for development and tests: librdkafka's mock cluster, with what it lacks made up for.
//!
//! It speaks Kafka's protocol over TCP on loopback, so that any client can use it, and starts in milliseconds. What it
//! is *not*: nothing is kept on disk; each partition keeps its last 5 MiB or 100,000 record batches and silently loses
//! what is older; transactions succeed and mean nothing; admin requests are not answered; looking up offsets by time
//! finds nothing; every delivery report carries the same timestamp. Never delete a group through it: librdkafka aborts
//! the process.
//!
//! # What clients of it should set
//!
//! - `fetch.wait.max.ms=10`: a waiting fetch is not woken by new messages, so this is the latency;
//! - `group.protocol=consumer`: members join in 0.2 s. With the classic protocol a joining member waits for a whole
//!   `session.timeout.ms` less a second. The two protocols refuse each other's properties: `session.timeout.ms`,
//!   `heartbeat.interval.ms` and `partition.assignment.strategy` belong to the classic one;
//! - `reconnect.backoff.max.ms=300` when brokers are taken down in tests.

mod cluster;
mod delivery;
mod record;

pub use cluster::{EmbeddedCluster, EmbeddedOptions};
pub use record::EmbeddedRecord;
