//! Millstream beside real programs of other frameworks (see README.md): what they send it understands, and the other way
//! round.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// The tests say on the terminal what was not run.
#![allow(clippy::print_stderr)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

mod math;
mod nest_client;
mod program;
mod stage;

mod client_trait;
mod equal_keys;
mod headers_and_nothing;
mod nest_answers;
mod nest_asks;
mod nest_events;
mod rebalance;
mod spring_answers;
mod spring_asks;
mod two_groups;
