//! The native layer against librdkafka's broker inside the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod committing;
mod consuming;
mod delivering;
mod ending;
mod metadata;
mod producing;
mod seeking;
mod support;
