//! What is committed, what is delivered again, and what happens to messages that fail.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

mod probe;
#[allow(dead_code)] // other test programs use the rest
mod running;
mod stage;

mod arguments;
mod auto_commit;
mod bounded_memory;
mod commit_answer;
mod commit_verb;
mod concurrency;
mod failure_policies;
mod fan_out;
mod manual_commit;
mod pausing;
mod poison_payload;
mod redelivery_order;
mod refused_commits;
mod refused_offsets;
mod resuming;
mod rewind;
mod seeking;
