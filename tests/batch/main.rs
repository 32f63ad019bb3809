//! Listeners that take several messages at once.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

#[allow(dead_code)] // shared with other test programs
#[path = "../commits/probe.rs"]
mod probe;
#[allow(dead_code)] // shared with other test programs
#[path = "../commits/running.rs"]
mod running;
mod script;
#[allow(dead_code)] // shared with other test programs
#[path = "../commits/stage.rs"]
mod stage;

mod across;
mod collecting;
mod dead_letters;
mod deferring;
mod ending;
mod failing;
mod manual_commit;
mod undecoded;
mod unordered;
