//! What goes around a listener: layers, limits of rate, idempotent handling.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

mod blocking;
mod idempotent;
mod killed;
mod layers;
mod plain;
mod rate;
#[allow(dead_code)] // shared with other test programs
#[path = "../commits/running.rs"]
mod running;
mod stage;
