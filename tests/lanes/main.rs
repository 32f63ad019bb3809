//! Several handlers of one partition at once: order by key or none, what a restart repeats, and who is stopped by whom.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async whether it waits for something or not.
#![allow(clippy::unused_async)]

// The same stage as for commits; not every test program uses all of it.
#[allow(dead_code)]
#[path = "../commits/probe.rs"]
mod probe;
#[allow(dead_code)] // shared with other test programs
#[path = "../commits/running.rs"]
mod running;
#[allow(dead_code)]
#[path = "../commits/stage.rs"]
mod stage;

mod hands;
mod witness;

mod answers;
mod bounds;
mod deferring;
mod fan_out;
mod gaps;
mod moving;
mod order;
mod order_through_changes;
mod overlap;
mod poison;
mod restarts;
mod rewind;
mod single_failures;
