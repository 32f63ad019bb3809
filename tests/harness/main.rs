//! The harness tested on both brokers, with plain `rdkafka` where millstream would be.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod broker;
mod groups;
mod own_kafka;
mod process;
