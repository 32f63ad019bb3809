//! Hands several messages at once to a listener that takes them so.
//!
//! Where the order of a partition is kept, the ordered driver does it (`driver/batches.rs`), with what is decided here:
//! when a batch is complete, how the listener is called, what became of each message; with `across_partitions` the
//! lanes of a listener meet in a gathering. Messages that stand for themselves are handled by the workers of a wide lane
//! (`wide/batches.rs`).

mod across;
mod bound;
mod call;
mod collector;
mod gathering;
mod verdict;

pub(crate) use bound::BoundBatch;
pub(crate) use call::{Handed, call, call_in_order, verbs_of};
pub(crate) use collector::{Collected, Collector, Decision};
pub(crate) use gathering::Gathering;
pub(crate) use verdict::{Then, decide};
