//! Requests to other services and their replies.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

mod asker;
mod service;

mod broker_away;
mod ending;
mod errors;
mod killed;
mod many;
mod order;
mod ours;
mod reply_topics;
mod slow_readers;
mod streams;
mod typed;
mod values;
