//! Where messages go that fail: retry topics, dead letters, and what becomes of those that kill the process.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

// A real process to be killed.
#[path = "../processes/directory.rs"]
#[allow(dead_code)]
mod directory;
#[allow(dead_code)] // shared with other test programs
#[path = "../commits/running.rs"]
mod running;
mod scene;
#[path = "../processes/worker.rs"]
#[allow(dead_code)]
mod worker;

mod crashes;
mod dead_letters;
mod deadline;
mod interrupted;
mod retry_topics;
