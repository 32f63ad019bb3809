//! Listeners that answer: who gets what, when the request is settled, and what becomes of what fails.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

#[allow(dead_code)] // shared with other test programs
#[path = "../commits/running.rs"]
mod running;
mod scene;

mod around;
mod crashes;
mod errors;
mod events;
mod killed;
mod refused;
mod replies;
mod stalled;
mod streams;
mod unwritable;
