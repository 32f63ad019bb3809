//! Hands several messages at once to a listener that takes them so.
//!
//! Where the order of a partition is kept, the ordered driver does it (`driver/batches.rs`), with what is decided here:
//! when a batch is complete, how the listener is called, what became of each message. Messages that stand for
//! themselves are handled by the workers of a wide lane (`wide/batches.rs`).

mod bound;
mod call;
mod collector;
mod verdict;

pub(crate) use bound::BoundBatch;
pub(crate) use call::{call, call_in_order};
pub(crate) use collector::{Collected, Collector, Decision};
pub(crate) use verdict::{Then, Verbs, Verdict, decide};
