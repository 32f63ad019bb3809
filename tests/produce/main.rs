//! What is sent, how it is acknowledged, and which topics are there for it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

mod stage;

mod administering;
mod back_pressure;
mod broker_away;
mod declared_topics;
mod ending;
mod injecting;
mod partitioning;
mod refusals;
mod sending;
